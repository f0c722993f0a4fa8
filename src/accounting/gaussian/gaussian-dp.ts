/** The `gaussian-dp` accountant: exact for Gaussian noise without sampling, a central-limit estimate with it. */

import { UnsupportedEventError } from '../errors.ts';
import type { FlatEvent, Repeated } from '../mechanisms.ts';
import { gaussianEpsilon } from './analytic.ts';

/** μ² of one kind of release: T/σ², or with sampling q²T(e^(1/σ²) − 1) (Bu, Dong, Long, Su 2020, Corollary 3). */
function squaredMu({ mechanism, count }: Repeated): number {
  if (mechanism.kind !== 'gaussian') {
    throw new UnsupportedEventError(
      `Accountant "gaussian-dp" covers "gaussian" events only, but met "${mechanism.kind}". Use "rdp" or "pld".`,
    );
  }
  const { samplingRate, noiseMultiplier } = mechanism;
  if (samplingRate === 1) return count / noiseMultiplier ** 2;
  return samplingRate ** 2 * count * Math.expm1(noiseMultiplier ** -2);
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
  const mu = Math.sqrt(flat.parts.map(squaredMu).reduce((a, b) => a + b, 0));
  const estimate = gaussianEpsilon(mu, delta);
  if (!isPlainGaussian(flat)) return { lower: null, estimate, upper: null };
  const rounding = 1e-12 + 1e-15 / mu;
  return { lower: estimate * (1 - rounding), estimate, upper: estimate * (1 + rounding) };
}
