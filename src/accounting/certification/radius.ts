/**
 * How far an input may move before the prediction could change, from bounds p of the top class's probability and q of all
 * others'. `scale` is the noise's scale ÷ the sensitivity Δ of the layers before it: in units of the input's distance. Every
 * radius is 0 where p ≤ q.
 */

import { gaussianDelta } from '../gaussian/analytic.ts';
import { findRoot, minimize } from '../numeric/brent.ts';
import { ndtri } from '../special/normal.ts';

/** p = `topAtLeast`, q = `othersAtMost`. */
export interface Margin {
  readonly topAtLeast: number;
  readonly othersAtMost: number;
}

/** The largest ε at which e^(2ε) q < p. */
function largestEpsilon({ topAtLeast, othersAtMost }: Margin): number {
  return topAtLeast > othersAtMost ? Math.log(topAtLeast / othersAtMost) / 2 : 0;
}

/** Laplace noise of scale b: b/Δ · ln(p/q)/2, from p > e^(2ε) q (Lécuyer et al. 2019, Proposition 1 with δ = 0). L1 distance. */
export function laplaceRadius(margin: Margin, scale: number): number {
  return scale * largestEpsilon(margin);
}

/** The tight radius of Laplace noise, b/Δ · max(ln(p/q)/2, −ln(1 − p + q)) (Teng, Lee, Yuan 2020, Theorem 1). L1 distance. */
export function laplaceTightRadius(margin: Margin, scale: number): number {
  const gap = margin.topAtLeast - margin.othersAtMost;
  return gap > 0 ? Math.max(laplaceRadius(margin, scale), -scale * Math.log1p(-gap)) : 0;
}

/**
 * Gaussian noise by PixelDP's condition p > e^(2ε) q + (1 + e^ε) δ (Proposition 1) with the exact δ(ε) at μ = rΔ/σ, at the
 * best ε. L2 distance.
 */
export function gaussianProfileRadius(margin: Margin, scale: number): number {
  const most = largestEpsilon(margin);
  if (most === 0) return 0;
  // Room for δ at the best ε; falls with μ. Any ε is sound, so that a local best only costs radius.
  const room = (mu: number) => Math.max(...epsilonGrid(most).map((epsilon) => slack(margin, epsilon, mu)));
  const refined = (mu: number) => {
    const best = minimize((epsilon) => -slack(margin, epsilon, mu), { low: 0, high: most, tolerance: 1e-12 });
    return Math.max(room(mu), slack(margin, best, mu));
  };
  return scale * crossing(refined);
}

function epsilonGrid(most: number): number[] {
  return Array.from({ length: 24 }, (_, i) => (most * i) / 24);
}

/** p − e^(2ε) q − (1 + e^ε) δ(ε; μ): positive where ε certifies. */
function slack({ topAtLeast, othersAtMost }: Margin, epsilon: number, mu: number): number {
  const power = Math.exp(epsilon);
  return topAtLeast - power * power * othersAtMost - (1 + power) * gaussianDelta(mu, epsilon);
}

/** The largest μ at which a falling function that starts positive is not negative, from below. */
function crossing(room: (mu: number) => number): number {
  let high = 1;
  while (room(high) > 0) high *= 2;
  const root = findRoot(room, { low: 0, high, tolerance: 1e-14 });
  return root * (1 - 1e-12);
}

/**
 * As PixelDP's own code searches: σ = Δ r √(2 ln(1.25/δ))/ε, valid for ε ≤ 1 only, with the δ that the condition leaves.
 * For comparison: always below {@link gaussianProfileRadius}.
 */
export function gaussianClassicRadius(margin: Margin, scale: number): number {
  const most = Math.min(1, largestEpsilon(margin));
  if (most === 0) return 0;
  const radius = (epsilon: number) => {
    const delta = slack(margin, epsilon, 0) / (1 + Math.exp(epsilon));
    return delta > 0 ? (scale * epsilon) / Math.sqrt(2 * Math.log(1.25 / delta)) : 0;
  };
  return radius(minimize((epsilon) => -radius(epsilon), { low: 0, high: most, tolerance: 1e-10 }));
}

/** The tight radius of Gaussian noise, σ/(2Δ) · (Φ⁻¹(p) − Φ⁻¹(q)) (Cohen, Rosenfeld, Kolter 2019, Theorem 1). L2 distance. */
export function gaussianTightRadius({ topAtLeast, othersAtMost }: Margin, scale: number): number {
  return topAtLeast > othersAtMost ? (scale / 2) * (ndtri(topAtLeast) - ndtri(othersAtMost)) : 0;
}
