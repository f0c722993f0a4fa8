/** Making privacy events, and flattening what was composed into a list of mechanisms with their counts. */

import type { PrivacyEvent } from '../contracts/event.ts';
import { UnsupportedEventError } from './errors.ts';
import { requireCount, requireNonNegative, requireRate } from './require.ts';

/** Gaussian noise on a random subset; `samplingRate` 1 is the plain mechanism. */
export interface GaussianMechanism {
  readonly kind: 'gaussian';
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
  /** Outcomes beyond it are tapered off; left out: none are. Only inside accountants, who bound what is lost. */
  readonly end?: number;
}

/** Laplace noise of scale `noiseMultiplier` times the L1 sensitivity. */
export interface LaplaceMechanism {
  readonly kind: 'laplace';
  readonly noiseMultiplier: number;
}

export type Mechanism = GaussianMechanism | LaplaceMechanism;

/** A mechanism and how often it ran. */
export interface Repeated {
  readonly mechanism: Mechanism;
  readonly count: number;
}

/** What an event comes down to: mechanisms that leak something finite, or the reason why nothing holds. */
export interface FlatEvent {
  readonly parts: readonly Repeated[];
  /** Why ε is ∞; `null` where it is finite. */
  readonly nonPrivate: string | null;
}

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

/** The event on a random subset that holds each record with probability `samplingRate`, independently. */
export function poissonSampled(samplingRate: number, event: PrivacyEvent): PrivacyEvent {
  requireRate('samplingRate', samplingRate, 'It is the expected batch ÷ the number of records.');
  return { kind: 'poisson-sampled', samplingRate, event };
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
}

/** DP-SGD: `steps` Poisson-subsampled Gaussian releases (add-or-remove adjacency). */
export function dpSgdEvent({ samplingRate, noiseMultiplier, steps }: DpSgdRun): PrivacyEvent {
  requireCount('steps', steps, 'It is how many noisy updates were made.');
  return repeated(poissonSampled(samplingRate, gaussianEvent(noiseMultiplier)), steps);
}

const NOTHING: FlatEvent = { parts: [], nonPrivate: null };

function once(mechanism: Mechanism, count: number): FlatEvent {
  if (mechanism.noiseMultiplier === 0) return { parts: [], nonPrivate: `the ${mechanism.kind} noise is 0` };
  return mechanism.noiseMultiplier === Number.POSITIVE_INFINITY
    ? NOTHING
    : { parts: [{ mechanism, count }], nonPrivate: null };
}

/** A sampled event: sampling twice at rates p and q is sampling once at rate p·q. */
function flattenSampled(event: PrivacyEvent, samplingRate: number, count: number): FlatEvent {
  if (samplingRate === 0) return NOTHING;
  if (samplingRate === 1) return flattenEvent(event, count);
  switch (event.kind) {
    case 'gaussian':
      gaussianEvent(event.noiseMultiplier);
      return once({ ...event, samplingRate }, count);
    case 'poisson-sampled':
      poissonSampled(event.samplingRate, event.event);
      return flattenSampled(event.event, samplingRate * event.samplingRate, count);
    case 'non-private':
      return { parts: [], nonPrivate: event.reason };
    default:
      throw new UnsupportedEventError(
        `No accountant here covers Poisson sampling of a "${event.kind}" event (only of "gaussian"). ` +
          'Leave the sampling out: the ε without amplification is an upper bound.',
      );
  }
}

function mergeRepeats(parts: readonly Repeated[]): Repeated[] {
  const merged = new Map<string, Repeated>();
  for (const part of parts) {
    const key = JSON.stringify(part.mechanism);
    merged.set(key, { ...part, count: part.count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()];
}

/**
 * The mechanisms of an event, equal ones counted together. Nothing is left of what leaks nothing (rate 0, count 0,
 * infinite noise). Throws an UnsupportedEventError that names the part which has no proof, a RangeError for a number
 * out of range.
 */
export function flattenEvent(event: PrivacyEvent, count = 1): FlatEvent {
  if (count === 0) return NOTHING;
  switch (event.kind) {
    case 'gaussian':
      gaussianEvent(event.noiseMultiplier);
      return once({ ...event, samplingRate: 1 }, count);
    case 'laplace':
      laplaceEvent(event.noiseMultiplier);
      return once({ ...event }, count);
    case 'poisson-sampled':
      poissonSampled(event.samplingRate, event.event);
      return flattenSampled(event.event, event.samplingRate, count);
    case 'composed': {
      composed(event.parts);
      const all = event.parts.map((part) => flattenEvent(part.event, part.count * count));
      const reason = all.find((flat) => flat.nonPrivate !== null)?.nonPrivate ?? null;
      return { parts: mergeRepeats(all.flatMap((flat) => flat.parts)), nonPrivate: reason };
    }
    case 'non-private':
      return { parts: [], nonPrivate: event.reason };
    default:
      throw new UnsupportedEventError(`No accountant here knows the event ${JSON.stringify(event)}.`);
  }
}
