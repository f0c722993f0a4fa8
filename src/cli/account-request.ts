/** What `cutlayer account` is asked, and its answers as `--json` and `account batch` print them. */

import {
  type AccountingOptions,
  deltaFor,
  dpSgdEvent,
  epsilonOf,
  noiseFor,
  optionsIn,
  samplingRateFor,
  stepsFor,
} from '../accounting/index.ts';
import type { EpsilonBounds } from '../contracts/event.ts';

/** Numbers are checked by the accountants. */
export interface Request extends AccountingOptions {
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
  readonly steps: number;
  readonly delta: number;
  readonly epsilon: number;
  /** ε is of a user with at most so many records, each sampled by itself; of one record where left out. */
  readonly recordsPerUser?: number | undefined;
}

/** What every question may say beside its numbers. */
export type Choices = AccountingOptions & Pick<Request, 'recordsPerUser'>;

type Asked<K extends keyof Request> = Pick<Request, K | keyof Choices>;

function boundsOf({ lower, estimate, upper }: EpsilonBounds): EpsilonBounds {
  return { lower, estimate, upper };
}

export function askEpsilon(request: Asked<'samplingRate' | 'noiseMultiplier' | 'steps' | 'delta'>) {
  const { accountant, ...answer } = epsilonOf(dpSgdEvent(request), request.delta, optionsIn(request));
  return { accountant, epsilon: boundsOf(answer), delta: request.delta };
}

export function askNoise(request: Asked<'samplingRate' | 'steps' | 'delta' | 'epsilon'>) {
  const { accountant, noiseMultiplier, epsilon } = noiseFor(request);
  return { accountant, noiseMultiplier, epsilon: boundsOf(epsilon) };
}

export function askSteps(request: Asked<'samplingRate' | 'noiseMultiplier' | 'delta' | 'epsilon'>) {
  const steps = stepsFor(request);
  const { accountant, epsilon } = askEpsilon({ ...request, steps });
  return { accountant, steps, epsilon };
}

export function askRate(request: Asked<'noiseMultiplier' | 'steps' | 'delta' | 'epsilon'>) {
  const samplingRate = samplingRateFor(request);
  const { accountant, epsilon } = askEpsilon({ ...request, samplingRate });
  return { accountant, samplingRate, epsilon };
}

export function askDelta(request: Asked<'samplingRate' | 'noiseMultiplier' | 'steps' | 'epsilon'>) {
  const { delta, epsilon } = deltaFor(dpSgdEvent(request), { epsilon: request.epsilon, ...optionsIn(request) });
  return { accountant: epsilon.accountant, epsilon: boundsOf(epsilon), delta };
}
