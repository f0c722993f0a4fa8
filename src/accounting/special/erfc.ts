/** Error functions in double precision, after W. J. Cody, «Rational Chebyshev approximation for the error function» (1969). */

const SMALL_NUMERATOR = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 3.77485237685302e2, 3209.377589138469,
];
const SMALL_DENOMINATOR = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const INVERSE_SQRT_PI = 0.5641895835477563;

/** Of erfcx, as the three below: Horner's rule written out, since loops take three times as long and grids of losses most of theirs here. */
function middleNumerator(x: number): number {
  let value = 2.1531153547440383e-8 * x + 0.5641884969886701;
  value = value * x + 8.883149794388377;
  value = value * x + 66.11919063714163;
  value = value * x + 298.6351381974001;
  value = value * x + 881.952221241769;
  value = value * x + 1712.0476126340707;
  value = value * x + 2051.0783778260716;
  return value * x + 1230.3393547979972;
}

function middleDenominator(x: number): number {
  let value = x + 15.744926110709835;
  value = value * x + 117.6939508913125;
  value = value * x + 537.1811018620099;
  value = value * x + 1621.3895745666903;
  value = value * x + 3290.7992357334597;
  value = value * x + 4362.619090143247;
  value = value * x + 3439.3676741437216;
  return value * x + 1230.3393548037495;
}

function largeNumerator(x: number): number {
  let value = 0.016315387137302097 * x + 0.30532663496123236;
  value = value * x + 0.36034489994980445;
  value = value * x + 0.12578172611122926;
  value = value * x + 0.016083785148742275;
  return value * x + 0.0006587491615298378;
}

function largeDenominator(x: number): number {
  let value = x + 2.568520192289822;
  value = value * x + 1.8729528499234673;
  value = value * x + 0.5279051029514285;
  value = value * x + 0.06051834131244132;
  return value * x + 0.0023352049762686918;
}

/** Σ coefficients[i] x^(n−1−i), by Horner's rule. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

function erfSmall(x: number): number {
  const square = x * x;
  return (x * polynomial(SMALL_NUMERATOR, square)) / polynomial(SMALL_DENOMINATOR, square);
}

/** erfcx for x > 0.46875. */
function erfcxPositive(x: number): number {
  if (x <= 4) return middleNumerator(x) / middleDenominator(x);
  if (x > 1e8) return INVERSE_SQRT_PI / x;
  const inverse = 1 / (x * x);
  const correction = (inverse * largeNumerator(inverse)) / largeDenominator(inverse);
  return (INVERSE_SQRT_PI - correction) / x;
}

/** e^(−x²) without the rounding error of x²: x is split into a short head and a tail. */
function expOfMinusSquare(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

/** erf(x) = 2/√π ∫₀ˣ e^(−t²) dt. Relative error below 1e-15. */
export function erf(x: number): number {
  if (Math.abs(x) <= 0.46875) return erfSmall(x);
  return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
}

/** erfc(x) = 1 − erf(x), with full relative precision in the right tail (0 beyond x ≈ 26.5). */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - erfSmall(x);
  if (x < 0) return 2 - erfc(-x);
  return x > 27 ? 0 : expOfMinusSquare(x) * erfcxPositive(x);
}

/** erfcx(x) = e^(x²) erfc(x), which does not underflow in the right tail. */
export function erfcx(x: number): number {
  if (x > 0.46875) return erfcxPositive(x);
  return x < -26 ? 2 / expOfMinusSquare(x) : erfc(x) / expOfMinusSquare(x);
}
