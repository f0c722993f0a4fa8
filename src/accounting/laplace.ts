/** The exact privacy of one release with Laplace noise of `noiseMultiplier` sensitivities: e = 1 ÷ noiseMultiplier. */

import { requireDelta, requireNonNegative } from './require.ts';

const SCALE = 'It is the scale of the noise ÷ the L1 sensitivity.';

/** δ(ε) = 1 − e^((ε − e)/2) for 0 ≤ ε ≤ e, and 0 beyond. */
export function laplaceDelta(noiseMultiplier: number, epsilon: number): number {
  requireNonNegative('noiseMultiplier', noiseMultiplier, SCALE);
  requireNonNegative('epsilon', epsilon, 'A privacy loss is never negative.');
  return Math.max(0, -Math.expm1((epsilon - 1 / noiseMultiplier) / 2));
}

/** ε(δ) = e + 2 log(1 − δ), at least 0. */
export function laplaceEpsilon(noiseMultiplier: number, delta: number): number {
  requireNonNegative('noiseMultiplier', noiseMultiplier, SCALE);
  requireDelta(delta);
  return Math.max(0, 1 / noiseMultiplier + 2 * Math.log1p(-delta));
}

/** The least noise multiplier that is (ε, δ)-DP. */
export function laplaceNoise(epsilon: number, delta: number): number {
  requireNonNegative('epsilon', epsilon, 'A privacy loss is never negative.');
  requireDelta(delta);
  return 1 / (epsilon - 2 * Math.log1p(-delta));
}
