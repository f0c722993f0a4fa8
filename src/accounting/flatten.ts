/** Flattening what was composed into a list of mechanisms with their counts, under an adjacency. */

import type { Adjacency, PrivacyEvent, SampledWithoutReplacementEvent, UserSampledEvent } from '../contracts/event.ts';
import { UnsupportedEventError } from './errors.ts';
import {
  composed,
  discreteGaussianEvent,
  gaussianEvent,
  laplaceEvent,
  poissonSampled,
  randomizedResponse,
  sampledWithoutReplacement,
  userSampled,
} from './events.ts';
import type { FlatEvent, Mechanism, Repeated } from './mechanisms.ts';

const NOTHING: FlatEvent = { parts: [], nonPrivate: null };

/** How often, and under which adjacency. */
interface Times {
  readonly count: number;
  readonly adjacency: Adjacency;
}

/** By how much more a sum changes when a record is replaced than when one is added. */
function factorOf(adjacency: Adjacency): number {
  return adjacency === 'replace-one' ? 2 : 1;
}

function once(mechanism: Exclude<Mechanism, { kind: 'randomized-response' }>, count: number): FlatEvent {
  if (mechanism.noiseMultiplier === 0) return { parts: [], nonPrivate: `the ${mechanism.kind} noise is 0` };
  return mechanism.noiseMultiplier === Number.POSITIVE_INFINITY
    ? NOTHING
    : { parts: [{ mechanism, count }], nonPrivate: null };
}

/** A sampled event: sampling twice at rates p and q is sampling once at rate p·q. */
function flattenSampled(event: PrivacyEvent, samplingRate: number, times: Times): FlatEvent {
  if (samplingRate === 0) return NOTHING;
  if (samplingRate === 1) return flattened(event, times);
  const { count, adjacency } = times;
  switch (event.kind) {
    case 'gaussian':
      gaussianEvent(event.noiseMultiplier);
      return adjacency === 'replace-one'
        ? once({ ...event, kind: 'replace-gaussian', samplingRate }, count)
        : once({ ...event, samplingRate }, count);
    case 'poisson-sampled':
      poissonSampled(event.samplingRate, event.event);
      return flattenSampled(event.event, samplingRate * event.samplingRate, times);
    case 'non-private':
      return { parts: [], nonPrivate: event.reason };
    default:
      throw new UnsupportedEventError(
        `No accountant here covers Poisson sampling of a "${event.kind}" event (only of "gaussian"). ` +
          'Leave the sampling out: the ε without amplification is an upper bound.',
      );
  }
}

/** A batch of fixed size has a proof for replacing a record, whose presence does not change the size. */
function flattenFixedSize(sampled: SampledWithoutReplacementEvent, { count, adjacency }: Times): FlatEvent {
  const { batch, records, event } = sampled;
  sampledWithoutReplacement({ batch, records }, event);
  if (batch === 0) return NOTHING;
  if (batch === records) return flattened(event, { count, adjacency });
  if (event.kind === 'non-private') return { parts: [], nonPrivate: event.reason };
  if (event.kind !== 'gaussian' || adjacency !== 'replace-one') {
    throw new UnsupportedEventError(
      `No accountant here covers "sampled-without-replacement" of a "${event.kind}" event under ${adjacency} ` +
        '(only of "gaussian" under replace-one). Ask with adjacency replace-one, or leave the sampling out.',
    );
  }
  gaussianEvent(event.noiseMultiplier);
  const noiseMultiplier = event.noiseMultiplier / factorOf(adjacency);
  return once({ kind: 'fixed-size-gaussian', samplingRate: batch / records, noiseMultiplier }, count);
}

/** Gaussian noise on a sum to which a user adds one record or several, each sampled independently. */
function flattenUserSampled(sampled: UserSampledEvent, { count, adjacency }: Times): FlatEvent {
  const { samplingRate, records, event } = sampled;
  userSampled(sampled, event);
  if (event.kind === 'non-private' && samplingRate > 0) return { parts: [], nonPrivate: event.reason };
  if (event.kind !== 'gaussian' || adjacency === 'replace-one') {
    throw new UnsupportedEventError(
      `No accountant here covers "user-sampled" of a "${event.kind}" event under ${adjacency} ` +
        '(only of "gaussian" under add-or-remove and zero-out). Ask with one of these adjacencies.',
    );
  }
  const { noiseMultiplier } = event;
  gaussianEvent(noiseMultiplier);
  if (samplingRate === 0) return NOTHING;
  if (samplingRate === 1 || records === 1) {
    return once({ kind: 'gaussian', samplingRate, noiseMultiplier: noiseMultiplier / records }, count);
  }
  return once({ kind: 'user-gaussian', samplingRate, noiseMultiplier, records }, count);
}

/** A value that is always sent has neighbours that differ in it, not ones without it. */
function flattenRandomized(event: PrivacyEvent & { kind: 'randomized-response' }, times: Times): FlatEvent {
  randomizedResponse(event);
  if (times.adjacency === 'add-or-remove') {
    throw new UnsupportedEventError(
      'No accountant here covers "randomized-response" under add-or-remove: a record that is not there sends no ' +
        'value. Ask with adjacency replace-one.',
    );
  }
  if (event.keep === 1) return { parts: [], nonPrivate: 'the randomized response always tells the truth' };
  return event.keep * event.choices === 1
    ? NOTHING
    : { parts: [{ mechanism: { ...event }, count: times.count }], nonPrivate: null };
}

function mergeRepeats(parts: readonly Repeated[]): Repeated[] {
  const merged = new Map<string, Repeated>();
  for (const part of parts) {
    const key = JSON.stringify(part.mechanism);
    merged.set(key, { ...part, count: part.count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()];
}

function flattened(event: PrivacyEvent, times: Times): FlatEvent {
  const { count, adjacency } = times;
  if (count === 0) return NOTHING;
  const factor = factorOf(adjacency);
  switch (event.kind) {
    case 'gaussian':
      gaussianEvent(event.noiseMultiplier);
      return once({ kind: 'gaussian', noiseMultiplier: event.noiseMultiplier / factor, samplingRate: 1 }, count);
    case 'laplace':
      laplaceEvent(event.noiseMultiplier);
      return once({ kind: 'laplace', noiseMultiplier: event.noiseMultiplier / factor }, count);
    case 'discrete-gaussian': {
      const { noiseMultiplier, sensitivity } = event;
      discreteGaussianEvent(noiseMultiplier, sensitivity);
      if (sensitivity === 0) return NOTHING;
      const doubled = { noiseMultiplier: noiseMultiplier / factor, sensitivity: sensitivity * factor };
      return once({ kind: 'discrete-gaussian', ...doubled }, count);
    }
    case 'randomized-response':
      return flattenRandomized(event, times);
    case 'poisson-sampled':
      poissonSampled(event.samplingRate, event.event);
      return flattenSampled(event.event, event.samplingRate, times);
    case 'sampled-without-replacement':
      return flattenFixedSize(event, times);
    case 'user-sampled':
      return flattenUserSampled(event, times);
    case 'composed': {
      composed(event.parts);
      const all = event.parts.map((part) => flattened(part.event, { count: part.count * count, adjacency }));
      const reason = all.find((flat) => flat.nonPrivate !== null)?.nonPrivate ?? null;
      return { parts: mergeRepeats(all.flatMap((flat) => flat.parts)), nonPrivate: reason };
    }
    case 'non-private':
      return { parts: [], nonPrivate: event.reason };
    default:
      throw new UnsupportedEventError(`No accountant here knows the event ${JSON.stringify(event)}.`);
  }
}

/**
 * The mechanisms of an event, equal ones counted together. Nothing is left of what leaks nothing (rate 0, count 0,
 * infinite noise). Replacing a record doubles what it changes. Throws an UnsupportedEventError that names the part
 * which has no proof, a RangeError for a number out of range.
 */
export function flattenEvent(event: PrivacyEvent, adjacency: Adjacency = 'add-or-remove'): FlatEvent {
  return flattened(event, { count: 1, adjacency });
}
