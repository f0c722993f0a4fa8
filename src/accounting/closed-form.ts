/** ε where there is a formula: Gaussian noise without sampling, and one release of any kind. */

import { gaussianEpsilon } from './gaussian/analytic.ts';
import { gaussianDpEpsilon, isPlainGaussian } from './gaussian/gaussian-dp.ts';
import { laplaceEpsilon } from './laplace.ts';
import type { FlatEvent, GaussianMechanism, Repeated } from './mechanisms.ts';

/** ε of exactly one step: δ = q δ₁(log(1 + (e^ε − 1)/q)), δ₁ of the unsampled Gaussian. */
function singleStep({ samplingRate, noiseMultiplier }: GaussianMechanism, delta: number): number {
  if (delta >= samplingRate) return 0;
  const unsampled = gaussianEpsilon(1 / noiseMultiplier, delta / samplingRate);
  return unsampled > 30 ? unsampled + Math.log(samplingRate) : Math.log1p(samplingRate * Math.expm1(unsampled));
}

/** log P(never sampled): two worlds differ in total variation by at most 1 − that, whatever the noise is. −∞ where all is always there. */
function logNeverSampled({ mechanism, count }: Repeated): number {
  switch (mechanism.kind) {
    case 'gaussian':
    case 'replace-gaussian':
      return count * Math.log1p(-mechanism.samplingRate);
    case 'user-gaussian':
      return count * mechanism.records * Math.log1p(-mechanism.samplingRate);
    default:
      return Number.NEGATIVE_INFINITY;
  }
}

/**
 * The closed forms: Gaussian noise without sampling, one release of any kind, and 0 where δ covers that anything was sampled at
 * all. `null` for all else.
 */
export function closedForm(flat: FlatEvent, delta: number): number | null {
  const { parts } = flat;
  if (delta >= -Math.expm1(parts.reduce((sum, part) => sum + logNeverSampled(part), 0))) return 0;
  if (isPlainGaussian(flat)) return gaussianDpEpsilon(flat, delta).estimate;
  const [first] = parts;
  if (first === undefined || parts.length > 1 || first.count > 1) return null;
  const { mechanism } = first;
  if (mechanism.kind === 'laplace') return laplaceEpsilon(mechanism.noiseMultiplier, delta);
  return mechanism.kind === 'gaussian' ? singleStep(mechanism, delta) : null;
}
