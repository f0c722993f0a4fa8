/** Student's t for whole degrees of freedom, by its closed form. */

/**
 * P(|T| ≤ t) for t ≥ 0 and T with ν degrees of freedom, θ = atan(t/√ν): a finite sum of powers of cos θ
 * (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
 */
export function tMass(t: number, degrees: number): number {
  if (t === Number.POSITIVE_INFINITY) return 1;
  const theta = Math.atan(t / Math.sqrt(degrees));
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(theta) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k < degrees - 1; k += 2) {
    term *= ((k - 1) / k) * Math.cos(theta) ** 2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

/**
 * The t below which a share `p` of Student's distribution lies.
 * @throws RangeError unless 0.5 ≤ p < 1 and the degrees of freedom are a whole number from 1 on.
 */
export function tQuantile(p: number, degrees: number): number {
  if (!(p >= 0.5 && p < 1)) throw new RangeError(`p must be in [0.5, 1), but is ${p}.`);
  if (!(Number.isInteger(degrees) && degrees >= 1)) {
    throw new RangeError(`degrees of freedom must be a whole number from 1 on, but are ${degrees}.`);
  }
  let [low, high] = [0, 1];
  while (tMass(high, degrees) < 2 * p - 1) high *= 2;
  for (let halving = 0; halving < 100 && high - low > 1e-15 * high; halving += 1) {
    const middle = (low + high) / 2;
    if (tMass(middle, degrees) < 2 * p - 1) low = middle;
    else high = middle;
  }
  return high;
}
