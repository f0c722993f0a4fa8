/** The privacy loss of a Gaussian step on a Poisson sample for a user with several records (user-mixture.ts). */

import type { UserGaussianMechanism } from '../mechanisms.ts';
import { mostRecords, outcomeOf, type UserMixture, userLoss, userMixture } from '../user-mixture.ts';
import { type MixturePair, mixtureLaw } from './gaussian-mixture-law.ts';
import { exponentOf } from './gaussian-pairs.ts';
import type { LossLaw } from './loss-law.ts';

/** (1−q′) N(0) + Σ_{1≤j≤most} w_j N(sign · j). */
function components({ anyRate, logWeights }: UserMixture, sign: 1 | -1, most: number) {
  const sampled = Array.from(logWeights.subarray(0, most), (log, i) => ({
    weight: anyRate * Math.exp(log),
    mean: sign * (i + 1),
  }));
  return [{ weight: 1 - anyRate, mean: 0 }, ...sampled];
}

/** P with the user, Q without; more than `most` records in a lot are left out of P. */
function removePair(mixture: UserMixture, most: number): MixturePair {
  return {
    std: mixture.noiseMultiplier,
    p: components(mixture, 1, most),
    q: [{ weight: 1, mean: 0 }],
    lossAt: (x) => userLoss(mixture, x),
    outcomeAt: (loss) => outcomeOf(mixture, exponentOf(mixture.anyRate, loss)),
  };
}

/** P without the user, Q with it, mirrored so that the loss grows with the outcome. */
function addPair(mixture: UserMixture): MixturePair {
  return {
    std: mixture.noiseMultiplier,
    p: [{ weight: 1, mean: 0 }],
    q: components(mixture, -1, mixture.records),
    lossAt: (x) => -userLoss(mixture, -x),
    outcomeAt: (loss) => -outcomeOf(mixture, exponentOf(mixture.anyRate, -loss)),
  };
}

/**
 * The law of one direction; losses whose P-mass is at most `share` are counted as infinite. Half of that goes to lots with
 * more of the user's records than nearly ever: their losses are large, and would stretch the grid for nothing.
 */
export function userLaw(mechanism: UserGaussianMechanism, share: number, direction: 'remove' | 'add'): LossLaw {
  const mixture = userMixture(mechanism);
  if (direction === 'add') return mixtureLaw(addPair(mixture), share);
  const most = mostRecords(mixture, share / 2);
  return { ...mixtureLaw(removePair(mixture, most), share / 2), above: share };
}
