/** What an event costs: ε at a given δ. */

import type { Adjacency, PrivacyEvent } from '../contracts/event.ts';
import { type AccountantName, accountantNamed, type EpsilonAnswer, isTightestByPld, tightest } from './accountants.ts';
import { flattenEvent } from './events.ts';
import type { FlatEvent } from './mechanisms.ts';
import { pldUpperEpsilon } from './pld/accountant.ts';
import type { RdpOptions } from './rdp/rdp.ts';
import { composedRdp } from './rdp/rdp.ts';
import { requireDelta, requireOrder } from './require.ts';

export interface AccountingOptions extends RdpOptions {
  /** Left out: the tightest that applies. */
  readonly accountant?: AccountantName;
  /** What one record may do. Left out: add-or-remove. */
  readonly adjacency?: Adjacency;
}

/** The options among other fields, without those that are undefined. */
export function optionsIn(
  fields: {
    readonly [K in keyof AccountingOptions]?: AccountingOptions[K] | undefined;
  },
): AccountingOptions {
  const { accountant, adjacency, orders, conversion } = fields;
  const given = Object.entries({ accountant, adjacency, orders, conversion }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given) as AccountingOptions;
}

function requireRdpFor({ accountant, orders, conversion }: AccountingOptions): void {
  if (accountant === 'rdp' || (orders === undefined && conversion === undefined)) return;
  const given = accountant === undefined ? 'the tightest (none is named)' : `"${accountant}"`;
  throw new RangeError(
    `orders and conversion are for accountant "rdp", but the accountant is ${given}. Ask for "rdp", or leave them out.`,
  );
}

/**
 * The ε of an event at δ, for adding or removing one record (the adjacency to which noise multipliers refer), or under
 * another adjacency: replacing one doubles what it changes.
 *
 * `upper` is a bound that holds, up to the stated rounding; `lower` shows how loose it can be at most; `estimate` is
 * the best guess. What an accountant does not give is `null`. No noise gives ∞, no release 0. Accountant `rdp` searches
 * every real order, so its bound is at most that of a grid of orders (`orders`), by up to a few 1e-3 of it.
 *
 * @throws RangeError for δ outside [0, 1), other numbers out of range, and options of another accountant;
 *   UnsupportedEventError for an event, or part of one, that the accountant has no proof for.
 * @example epsilonOf(dpSgdEvent({ samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 }), 1e-5, { accountant: 'rdp' })
 *   // { accountant: 'rdp', lower: null, estimate: null, upper: 2.1013…, optimalOrder: 7.78… }
 */
export function epsilonOf(event: PrivacyEvent, delta: number, options: AccountingOptions = {}): EpsilonAnswer {
  return answerOf(checked(event, delta, options), delta, options);
}

function checked(event: PrivacyEvent, delta: number, options: AccountingOptions): FlatEvent {
  requireDelta(delta);
  requireRdpFor(options);
  if (options.accountant !== undefined) accountantNamed(options.accountant);
  return flattenEvent(event, options.adjacency);
}

function answerOf(
  flat: FlatEvent,
  delta: number,
  { accountant, adjacency: _, ...rdp }: AccountingOptions,
): EpsilonAnswer {
  const infinite = Number.POSITIVE_INFINITY;
  const name = accountant ?? 'pld';
  if (flat.nonPrivate !== null) return { accountant: name, lower: null, estimate: infinite, upper: infinite };
  if (flat.parts.length === 0) return { accountant: name, lower: 0, estimate: 0, upper: 0 };
  if (accountant === undefined) return tightest(flat, delta);
  return { accountant, ...accountantNamed(accountant)(flat, delta, rdp) };
}

/** The figure that is held against a target: the upper bound, or the estimate of an accountant without one. */
export function figureOf({ upper, estimate }: EpsilonAnswer): number {
  return upper ?? estimate ?? Number.POSITIVE_INFINITY;
}

/** The figure of {@link epsilonOf} alone, which of privacy loss distributions takes half the work: no lower bound, no estimate. */
export function figureAt(event: PrivacyEvent, delta: number, options: AccountingOptions = {}): number {
  const { accountant } = options;
  const flat = checked(event, delta, options);
  const isReleased = flat.nonPrivate === null && flat.parts.length > 0;
  const isByPld = accountant === 'pld' || (accountant === undefined && isReleased && isTightestByPld(flat, delta));
  return isReleased && isByPld ? pldUpperEpsilon(flat, delta) : figureOf(answerOf(flat, delta, options));
}

/** The ε that may be claimed: the upper bound; ∞ where the accountant gives none. */
export function provenEpsilon(answer: EpsilonAnswer): number {
  return answer.upper ?? Number.POSITIVE_INFINITY;
}

/** Rényi DP of an event at one order in (1, ∞]. */
export function rdpOf(event: PrivacyEvent, order: number): number {
  requireOrder(order);
  const { parts, nonPrivate } = flattenEvent(event);
  return nonPrivate === null ? composedRdp(parts, order) : Number.POSITIVE_INFINITY;
}
