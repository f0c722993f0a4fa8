/** The `gaussian-dp` accountant: exact for Gaussian noise without sampling, a central-limit estimate with it. */

import { UnsupportedEventError } from '../errors.ts';
import type { FlatEvent, Repeated } from '../mechanisms.ts';
import { gaussianEpsilon } from './analytic.ts';

/** Beyond it e^(1/σ²) − 1 is 1/σ², whose square root does not underflow. */
const LARGE_NOISE = 1e9;

/** μ of one kind of release: √T/σ, or with sampling q √(T(e^(1/σ²) − 1)) (Bu, Dong, Long, Su 2020, Corollary 3). */
function muOf({ mechanism, count }: Repeated): number {
  if (mechanism.kind !== 'gaussian') {
    throw new UnsupportedEventError(
      `Accountant "gaussian-dp" covers "gaussian" events only, but met "${mechanism.kind}". Use "rdp" or "pld".`,
    );
  }
  const { samplingRate, noiseMultiplier } = mechanism;
  if (samplingRate === 1 || noiseMultiplier > LARGE_NOISE) {
    return (samplingRate * Math.sqrt(count)) / noiseMultiplier;
  }
  return samplingRate * Math.sqrt(count * Math.expm1(noiseMultiplier ** -2));
}

/** Whether every release is Gaussian and none is sampled: then Gaussian DP is exact. */
export function isPlainGaussian({ parts }: FlatEvent): boolean {
  return parts.every(({ mechanism }) => mechanism.kind === 'gaussian' && mechanism.samplingRate === 1);
}

/**
 * ε at δ by Gaussian DP. Without sampling: exact, the bounds being the figure ± its rounding. With sampling: an
 * estimate that can be far too low (10 times at few or tiny-rate steps), and no bound.
 */
export function gaussianDpEpsilon(flat: FlatEvent, delta: number) {
  const mu = flat.parts.map(muOf).reduce((all, own) => Math.hypot(all, own), 0);
  const estimate = gaussianEpsilon(mu, delta);
  if (!isPlainGaussian(flat)) return { lower: null, estimate, upper: null };
  const rounding = 1e-12 + 1e-15 / mu;
  return { lower: rounding < 1 ? estimate * (1 - rounding) : 0, estimate, upper: estimate * (1 + rounding) };
}
