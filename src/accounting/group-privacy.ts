/** What DP-SGD says of a user with several records, all of them in the lots of one client. */

import type { PrivacyEvent } from '../contracts/event.ts';
import { epsilonOf, provenEpsilon } from './epsilon-of.ts';
import { type DpSgdRun, dpSgdEvent } from './events.ts';

/**
 * How a user's records get into lots:
 *
 * - `independent`: each by itself, as Poisson sampling has it;
 * - `dependent`: each at the same rate, but together in any way (all or none of them, say), anew for each lot;
 * - `passes`: shuffled lots, each record once a pass over the data.
 */
export type UserSampling = 'independent' | 'dependent' | 'passes';

export interface GroupRequest {
  readonly run: DpSgdRun;
  /** k: the largest number of records of one user. */
  readonly records: number;
  readonly delta: number;
  /** `independent` where left out. */
  readonly sampling?: UserSampling;
}

/**
 * What a training of Gaussian releases comes down to for a user with at most k records.
 *
 * - `independent`: the mixture over how many of the records are in the lot (user-mixture.ts), which is tight;
 * - `dependent`: some record is in a lot with probability q′ ≤ min(1, kq), and if so the records move the sum by at most k C, so
 *   a step is dominated by a Gaussian of noise z ÷ k sampled at that rate (docs/dp-sgd.md), which is tight for all or none;
 * - `passes`: no amplification. With n_t of the records in lot t a pass is a Gaussian release of √(Σ n_t²) ÷ z ≤ k ÷ z. Holds for
 *   blanking the user's records; leaving them out would shift all others to other lots. Passes are q · steps, rounded up.
 */
export function userEvent(run: DpSgdRun, records: number, sampling: UserSampling = 'independent'): PrivacyEvent {
  const { samplingRate, noiseMultiplier, steps } = run;
  const independent = dpSgdEvent({ samplingRate, noiseMultiplier, steps, recordsPerUser: records });
  switch (sampling) {
    case 'independent':
      return independent;
    case 'dependent': {
      const anyRate = Math.min(1, records * samplingRate);
      return dpSgdEvent({ samplingRate: anyRate, noiseMultiplier: noiseMultiplier / records, steps });
    }
    case 'passes': {
      const passes = Math.ceil(samplingRate * steps * (1 - ROUNDING));
      return dpSgdEvent({ samplingRate: 1, noiseMultiplier: noiseMultiplier / records, steps: passes });
    }
  }
}

/** A whole number of passes may come out a rounding above it. */
const ROUNDING = 1e-12;

/** An upper bound on the ε of adding or removing (for `passes`: blanking) a user with at most k records. */
export function groupEpsilon({ run, records, delta, sampling }: GroupRequest): number {
  return provenEpsilon(epsilonOf(userEvent(run, records, sampling), delta));
}
