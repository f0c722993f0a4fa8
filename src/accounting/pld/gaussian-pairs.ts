/** The dominating pairs of the (subsampled) Gaussian mechanism; σ is the noise multiplier, q the sampling rate. */

import { logRatio } from '../rdp/subsampled-gaussian.ts';
import type { MixturePair } from './gaussian-mixture-law.ts';

interface Sampled {
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
}

/** log((e^l − 1 + q)/q): the inverse of l = log(1 − q + q e^u). −∞ below log(1 − q). */
export function exponentOf(samplingRate: number, loss: number): number {
  if (loss > 30) return loss - Math.log(samplingRate) + Math.log1p((samplingRate - 1) * Math.exp(-loss));
  const ratio = Math.expm1(loss) / samplingRate;
  return ratio <= -1 ? Number.NEGATIVE_INFINITY : Math.log1p(ratio);
}

/** P = (1−q) N(0, σ²) + q N(1, σ²), Q = N(0, σ²): the record is there under P. */
export function removePair({ samplingRate, noiseMultiplier: std }: Sampled): MixturePair {
  return {
    std,
    p: mixture(samplingRate, 1),
    q: [{ weight: 1, mean: 0 }],
    lossAt: (x) => logRatio(samplingRate, (2 * x - 1) / (2 * std * std)),
    outcomeAt: (loss) => 0.5 + std * std * exponentOf(samplingRate, loss),
  };
}

/** P = N(0, σ²), Q = (1−q) N(0, σ²) + q N(−1, σ²): the record is there under Q. */
export function addPair({ samplingRate, noiseMultiplier: std }: Sampled): MixturePair {
  return {
    std,
    p: [{ weight: 1, mean: 0 }],
    q: mixture(samplingRate, -1),
    lossAt: (x) => -logRatio(samplingRate, (-2 * x - 1) / (2 * std * std)),
    outcomeAt: (loss) => -0.5 - std * std * exponentOf(samplingRate, -loss),
  };
}

/**
 * P = (1−q) N(0) + q N(1), Q = (1−q) N(0) + q N(−1): one record is replaced (Poisson sampling).
 * Its loss l is at x = σ² (asinh(sinh(l/2) e^(1/(2σ²)) (1−q)/q) + l/2).
 */
export function replacePair({ samplingRate, noiseMultiplier: std }: Sampled): MixturePair {
  const variance = std * std;
  const odds = Math.log1p(-samplingRate) - Math.log(samplingRate) + 0.5 / variance;
  return {
    std,
    p: mixture(samplingRate, 1),
    q: mixture(samplingRate, -1),
    lossAt: (x) =>
      logRatio(samplingRate, (2 * x - 1) / (2 * variance)) - logRatio(samplingRate, (-2 * x - 1) / (2 * variance)),
    outcomeAt: (loss) => variance * (asinhOfScaled(loss / 2, odds) + loss / 2),
  };
}

/** asinh(sinh(t) e^scale) without overflow. */
function asinhOfScaled(t: number, scale: number): number {
  const size = Math.abs(t);
  const logSinh = size > 20 ? size - Math.LN2 : Math.log(Math.sinh(size));
  const log = logSinh + scale;
  const value = log > 20 ? log + Math.LN2 : Math.asinh(Math.exp(log));
  return t < 0 ? -value : value;
}

function mixture(samplingRate: number, mean: number) {
  const sampled = { weight: samplingRate, mean };
  return samplingRate === 1 ? [sampled] : [{ weight: 1 - samplingRate, mean: 0 }, sampled];
}
