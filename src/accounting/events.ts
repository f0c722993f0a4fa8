/** Making privacy events. */

import type { PrivacyEvent } from '../contracts/event.ts';
import { requireCount, requireNonNegative, requireRate } from './require.ts';

export { flattenEvent } from './flatten.ts';
export type * from './mechanisms.ts';

/** Gaussian noise of `noiseMultiplier` sensitivities. Throws a RangeError where that is negative. */
export function gaussianEvent(noiseMultiplier: number): PrivacyEvent {
  requireNonNegative(
    'noiseMultiplier',
    noiseMultiplier,
    'It is the standard deviation of the noise ÷ the sensitivity.',
  );
  return { kind: 'gaussian', noiseMultiplier };
}

/** Laplace noise of `noiseMultiplier` sensitivities, (1 ÷ noiseMultiplier, 0)-DP. */
export function laplaceEvent(noiseMultiplier: number): PrivacyEvent {
  requireNonNegative('noiseMultiplier', noiseMultiplier, 'It is the scale of the noise ÷ the sensitivity.');
  return { kind: 'laplace', noiseMultiplier };
}

/**
 * Randomized response (Warner 1965) among `choices` values: ε = log(keep (choices − 1) ÷ (1 − keep)) for replacing one
 * record's value.
 */
export function randomizedResponse({ choices, keep }: { choices: number; keep: number }): PrivacyEvent {
  requireCount('choices', choices, 'It is the number of values.');
  requireRate('keep', keep, 'It is the probability of telling the truth.');
  if (choices < 2) throw new RangeError(`choices must be at least 2, but is ${choices}. One value tells nothing.`);
  if (keep * choices < 1) {
    throw new RangeError(`keep must be at least 1 ÷ choices = ${1 / choices}, but is ${keep}. That is pure chance.`);
  }
  return { kind: 'randomized-response', choices, keep };
}

/** Discrete Gaussian noise on integers (Canonne, Kamath, Steinke 2020), of σ = noiseMultiplier · sensitivity. */
export function discreteGaussianEvent(noiseMultiplier: number, sensitivity = 1): PrivacyEvent {
  requireNonNegative('noiseMultiplier', noiseMultiplier, 'It is σ ÷ the sensitivity.');
  requireCount('sensitivity', sensitivity, 'It is by how much one record changes the integer.');
  return { kind: 'discrete-gaussian', noiseMultiplier, sensitivity };
}

/** The event on `batch` of `records` records drawn without replacement. */
export function sampledWithoutReplacement(
  { batch, records }: { readonly batch: number; readonly records: number },
  event: PrivacyEvent,
): PrivacyEvent {
  requireCount('batch', batch, 'It is the number of records drawn.');
  requireCount('records', records, 'It is the number of records there are.');
  if (batch > records) throw new RangeError(`batch must be at most records (${records}), but is ${batch}.`);
  return { kind: 'sampled-without-replacement', batch, records, event };
}

/** The event on a random subset that holds each record with probability `samplingRate`, independently. */
export function poissonSampled(samplingRate: number, event: PrivacyEvent): PrivacyEvent {
  requireRate('samplingRate', samplingRate, 'It is the expected batch ÷ the number of records.');
  return { kind: 'poisson-sampled', samplingRate, event };
}

/**
 * The event on a random subset that holds each of a user's `records` records with probability `samplingRate`, independently;
 * neighbours differ in that user. With one record it is {@link poissonSampled}.
 */
export function userSampled(
  { samplingRate, records }: { readonly samplingRate: number; readonly records: number },
  event: PrivacyEvent,
): PrivacyEvent {
  requireRate('samplingRate', samplingRate, 'It is the expected batch ÷ the number of records.');
  requireRecords(records);
  return { kind: 'user-sampled', samplingRate, records, event };
}

function requireRecords(records: number): void {
  requireCount('recordsPerUser', records, 'It is the largest number of records of one user.');
  if (records === 0) throw new RangeError('recordsPerUser must be at least 1, but is 0. A user has some record.');
}

/** The event `count` times. */
export function repeated(event: PrivacyEvent, count: number): PrivacyEvent {
  return composed([{ event, count }]);
}

/** Several events, each `count` times, adaptively. */
export function composed(parts: readonly { readonly event: PrivacyEvent; readonly count: number }[]): PrivacyEvent {
  for (const { count } of parts) requireCount('count', count, 'It is how often the event took place.');
  return { kind: 'composed', parts };
}

/** A release that nothing protects. */
export function nonPrivate(reason: string): PrivacyEvent {
  return { kind: 'non-private', reason };
}

export interface DpSgdRun {
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
  readonly steps: number;
  /** k: what is added or removed is a user with at most so many records, each sampled independently. One record where left out. */
  readonly recordsPerUser?: number | undefined;
}

/** DP-SGD: `steps` Poisson-subsampled Gaussian releases (add-or-remove adjacency, of one record or one user). */
export function dpSgdEvent({ samplingRate, noiseMultiplier, steps, recordsPerUser = 1 }: DpSgdRun): PrivacyEvent {
  requireCount('steps', steps, 'It is how many noisy updates were made.');
  requireRecords(recordsPerUser);
  const noisy = gaussianEvent(noiseMultiplier);
  const sampled =
    recordsPerUser === 1
      ? poissonSampled(samplingRate, noisy)
      : userSampled({ samplingRate, records: recordsPerUser }, noisy);
  return repeated(sampled, steps);
}
