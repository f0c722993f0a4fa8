/** Sums and differences of numbers that are held as logarithms. */

/** log(eᵃ + eᵇ). */
export function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (!Number.isFinite(high)) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/** log(1 − eˣ) for x ≤ 0 (Mächler 2012: expm1 near 0, log1p far from it). */
export function log1mExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}

/** log(eᵃ − eᵇ); −∞ where a ≤ b. */
export function logSub(a: number, b: number): number {
  return a > b ? a + log1mExp(b - a) : Number.NEGATIVE_INFINITY;
}

/** log Σ e^(values). */
export function logSumExp(values: readonly number[]): number {
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(high)) return high;
  return high + Math.log(values.reduce((sum, value) => sum + Math.exp(value - high), 0));
}
