/** Every accountant and composition theorem on the same question. */

import type { EpsilonBounds } from '../../contracts/event.ts';
import { ACCOUNTANTS } from '../accountants.ts';
import { type AccountingOptions, epsilonOf, optionsIn } from '../epsilon-of.ts';
import { UnsupportedEventError } from '../errors.ts';
import { type DpSgdRun, dpSgdEvent } from '../events.ts';
import { advancedComposition, basicComposition, optimalComposition, zcdpEpsilon } from './theorems.ts';

export interface Compared {
  readonly accountant: string;
  readonly epsilon: EpsilonBounds;
  /** Why it says nothing; `null` where it does. */
  readonly reason: string | null;
}

const NOTHING: EpsilonBounds = { lower: null, estimate: null, upper: null };

function bound(accountant: string, upper: number): Compared {
  return { accountant, epsilon: { ...NOTHING, upper }, reason: null };
}

/** The theorems, each step taken at half of δ shared by all steps, the other half left for the theorem. */
function byTheorems(run: DpSgdRun, delta: number, options: AccountingOptions): Compared[] {
  const { samplingRate, noiseMultiplier, steps: count, recordsPerUser = 1 } = run;
  const step = dpSgdEvent({ ...run, steps: 1 });
  const sensitivity = recordsPerUser * (options.adjacency === 'replace-one' ? 2 : 1);
  const own = count === 0 ? 0 : delta / (2 * count);
  const release = (at: number) => ({ epsilon: epsilonOf(step, at, options).upper ?? Number.NaN, delta: at, count });
  const basic = basicComposition(release(count === 0 ? 0 : delta / count)).epsilon;
  const zcdp =
    samplingRate === 1
      ? bound('zcdp', zcdpEpsilon((count / (2 * noiseMultiplier ** 2)) * sensitivity ** 2, delta))
      : { accountant: 'zcdp', epsilon: NOTHING, reason: 'zCDP does not gain from sampling' };
  return [
    zcdp,
    bound('basic', basic),
    bound('advanced', advancedComposition(release(own), delta)),
    bound('optimal', optimalComposition(release(own), delta)),
  ];
}

/** ε of DP-SGD at δ by all of them, in a fixed order; `orders` and `conversion` are for `rdp` alone. */
export function sideBySide(run: DpSgdRun, delta: number, options: AccountingOptions = {}): Compared[] {
  const event = dpSgdEvent(run);
  const general = optionsIn({ adjacency: options.adjacency });
  const named = ACCOUNTANTS.map((accountant): Compared => {
    try {
      const { lower, estimate, upper } = epsilonOf(event, delta, {
        ...(accountant === 'rdp' ? options : general),
        accountant,
      });
      return { accountant, epsilon: { lower, estimate, upper }, reason: null };
    } catch (error) {
      if (!(error instanceof UnsupportedEventError)) throw error;
      return { accountant, epsilon: NOTHING, reason: error.message };
    }
  });
  return [...named, ...byTheorems(run, delta, general)];
}
