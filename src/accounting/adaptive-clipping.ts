/**
 * The arithmetic of adaptive clipping (Andrew et al., Differentially Private Learning with Adaptive Clipping, 2021): a step
 * releases a noisy sum of clipped gradients and a noisy count of the norms below C, together no more than one Gaussian release.
 */

import { requirePositive } from './require.ts';

export interface CountNoise {
  /** z: what the two releases are accounted as. */
  readonly noiseMultiplier: number;
  /** σ_b: standard deviation of the noise on the count. One record moves Σ (1[‖g‖ ≤ C] − ½) by ½. */
  readonly countStd: number;
}

/**
 * z_Δ = (z⁻² − (2 σ_b)⁻²)^(−1/2): the noise on the gradient, in units of C, with which gradient and count together are a
 * Gaussian release of noise multiplier z (Andrew et al. 2021, Theorem 1). Account with z, never with z_Δ.
 *
 * @throws RangeError unless z < 2 σ_b: the count alone would spend all of it.
 */
export function adaptiveGradientNoise({ noiseMultiplier, countStd }: CountNoise): number {
  requirePositive(
    'countStd',
    countStd,
    'It is the standard deviation of the noise on the count of norms below clipNorm.',
  );
  if (noiseMultiplier === 0) return 0;
  if (!(noiseMultiplier < 2 * countStd)) {
    throw new RangeError(
      `noiseMultiplier must be below 2 · countStd = ${2 * countStd} under adaptive clipping, but is ${noiseMultiplier}. ` +
        'Raise countStd; where it is left out it is a twentieth of batchSize (dp-fedavg: of the expected number of clients).',
    );
  }
  return 1 / Math.sqrt(noiseMultiplier ** -2 - (2 * countStd) ** -2);
}

export interface NormCount {
  /** How many norms were at most C. */
  readonly below: number;
  /** How many there were. */
  readonly examples: number;
}

/** Σ (1[‖g‖ ≤ C] − ½): what noise of standard deviation σ_b is added to. One record moves it by ½. */
export function centredCount({ below, examples }: NormCount): number {
  return below - examples / 2;
}

/** b̃ = (Σ (1[‖g‖ ≤ C] − ½) + noise) ÷ B̄ + ½: the share of norms below C as it is released; B̄ is public, the expected number. */
export function noisyShareBelow(noisyCount: number, expected: number): number {
  return noisyCount / expected + 0.5;
}

export interface ClipUpdate {
  /** η. */
  readonly learningRate: number;
  /** γ: the share of norms that is to lie below C. */
  readonly quantile: number;
}

/** C · exp(−η (b̃ − γ)): the C of the next step. */
export function nextClipNorm(clipNorm: number, shareBelow: number, { learningRate, quantile }: ClipUpdate): number {
  return clipNorm * Math.exp(-learningRate * (shareBelow - quantile));
}
