/** Rényi DP of the Laplace mechanism (Mironov 2017, Proposition 6). */

/**
 * ε(α) of Laplace noise of scale b sensitivities, e = 1/b:
 * (1/(α−1)) log[ α/(2α−1) e^((α−1)e) + (α−1)/(2α−1) e^(−αe) ], written so that it neither overflows nor cancels.
 */
export function laplaceRdp(noiseMultiplier: number, order: number): number {
  const pure = 1 / noiseMultiplier;
  if (order === Number.POSITIVE_INFINITY) return pure;
  const excess = order - 1;
  if (excess < 1e-4) return laplaceNearOne(pure, excess);
  return pure + Math.log1p((excess * Math.expm1((1 - 2 * order) * pure)) / (2 * order - 1)) / excess;
}

/** The mean and the halved variance of the privacy loss: ε(α) = mean + variance/2 · (α−1) + O((α−1)²). */
function laplaceNearOne(pure: number, excess: number): number {
  const mean = pure + Math.expm1(-pure);
  const variance = 3 - Math.exp(-pure) * (2 + 4 * pure + Math.exp(-pure));
  return mean + 0.5 * variance * excess;
}
