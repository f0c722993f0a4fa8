/** The logarithm of the gamma function and of binomial coefficients. */

const HALF_LOG_2PI = 0.9189385332046727;
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** The correction of Stirling's series, log Γ(x) − [(x−½)log x − x + ½ log 2π], for x ≥ 10. */
export function stirlingCorrection(x: number): number {
  const inverseSquare = 1 / (x * x);
  return STIRLING.reduceRight((sum, coefficient) => sum * inverseSquare + coefficient, 0) / x;
}

/** log Γ(x) for x > 0; absolute error below 1e-14 times max(1, |log Γ|). */
export function lgamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  const stirling = (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_2PI + stirlingCorrection(shifted);
  return stirling - Math.log(product);
}

/** log C(n, k) for 0 ≤ k ≤ n (n need not be whole). */
export function logChoose(n: number, k: number): number {
  return k === 0 || k === n ? 0 : lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}
