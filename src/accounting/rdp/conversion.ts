/** From Rényi DP to (ε, δ). */

export const CONVERSIONS = ['improved', 'classic'] as const;
export type Conversion = (typeof CONVERSIONS)[number];

/**
 * The ε that (α, ε_α)-RDP gives at δ > 0.
 *
 * improved: ε_α + log(1 − 1/α) − log(δα)/(α−1)  (Canonne, Kamath, Steinke 2020, Proposition 12; Balle et al. 2020,
 * Theorem 21). classic: ε_α − log(δ)/(α−1)  (Mironov 2017, Proposition 3). Not clamped at 0.
 */
export function epsilonFromRdp(
  rdp: number,
  order: number,
  { delta, conversion }: { delta: number; conversion: Conversion },
): number {
  if (order === Number.POSITIVE_INFINITY) return rdp;
  if (conversion === 'classic') return rdp - Math.log(delta) / (order - 1);
  return rdp + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
}

/** log δ that (α, ε_α)-RDP gives at ε: (α−1)(ε_α − ε + log(1 − 1/α)) − log α. Not clamped at 0. */
export function logDeltaFromRdp(rdp: number, order: number, epsilon: number): number {
  if (order === Number.POSITIVE_INFINITY) return rdp <= epsilon ? Number.NEGATIVE_INFINITY : 0;
  return (order - 1) * (rdp - epsilon + Math.log1p(-1 / order)) - Math.log(order);
}

/** Whether RDP of this value already gives (0, δ)-DP, by total variation ≤ √(1 − e^−KL) (Bretagnolle, Huber 1978). */
export function impliesZeroEpsilon(rdp: number, delta: number): boolean {
  return delta * delta + Math.expm1(-rdp) > 0;
}
