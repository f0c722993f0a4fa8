/** Rényi DP of composed events, and the (ε, δ) that follows with the best order. */

import { UnsupportedEventError } from '../errors.ts';
import type { FlatEvent, Mechanism, Repeated } from '../mechanisms.ts';
import { minimize } from '../numeric/brent.ts';
import { discreteGaussianRdp, randomizedResponseRdp } from './atoms.ts';
import { type Conversion, epsilonFromRdp, impliesZeroEpsilon, logDeltaFromRdp } from './conversion.ts';
import { fixedSizeGaussianRdp } from './fixed-size-gaussian.ts';
import { laplaceRdp } from './laplace.ts';
import { type Orders, ordersOf } from './orders.ts';
import { subsampledGaussianLogMoment } from './subsampled-gaussian.ts';
import { userGaussianRdp } from './user-gaussian.ts';

/** log(α−1) is searched from 1e-4 to 1e8. */
const SEARCH = { low: Math.log(1e-4), high: Math.log(1e8), tolerance: 1e-6 };

/** ε(α) of one mechanism, α in (1, ∞]. Throws an UnsupportedEventError for one without a proof. */
export function mechanismRdp(mechanism: Mechanism, order: number): number {
  switch (mechanism.kind) {
    case 'laplace':
      return laplaceRdp(mechanism.noiseMultiplier, order);
    case 'randomized-response':
      return randomizedResponseRdp(mechanism, order);
    case 'discrete-gaussian':
      return discreteGaussianRdp(mechanism, order);
    case 'fixed-size-gaussian':
      return fixedSizeGaussianRdp(mechanism, order);
    case 'user-gaussian':
      return userGaussianRdp(mechanism, order);
    case 'replace-gaussian':
      throw new UnsupportedEventError(
        'Accountant "rdp" does not cover "poisson-sampled" of a "gaussian" event under replace-one. Use "pld".',
      );
    case 'gaussian':
      if (order === Number.POSITIVE_INFINITY) return order;
      return subsampledGaussianLogMoment(mechanism, order) / (order - 1);
  }
}

/** ε(α) of mechanisms in a row: the sum of their ε(α). */
export function composedRdp(parts: readonly Repeated[], order: number): number {
  return parts.reduce((sum, { mechanism, count }) => sum + count * mechanismRdp(mechanism, order), 0);
}

export interface RdpOptions {
  /** Left out: every real order is searched, and ∞. */
  readonly orders?: Orders;
  readonly conversion?: Conversion;
}

export interface RdpEpsilon {
  readonly epsilon: number;
  /** The order that gives it; `null` where no order was needed. */
  readonly optimalOrder: number | null;
}

/** The best of the candidate orders for a score that is to be small. */
function best(orders: readonly number[], score: (order: number) => number): { value: number; order: number } {
  return orders
    .map((order) => ({ order, value: score(order) }))
    .reduce((a, b) => (b.value < a.value || Number.isNaN(a.value) ? b : a));
}

/** All real orders and ∞. The scores of this file are quasi-convex in α, so the search finds the least. */
function searched(score: (order: number) => number): { value: number; order: number } {
  const excess = Math.exp(minimize((logExcess) => score(1 + Math.exp(logExcess)), SEARCH));
  return best([1 + excess, Number.POSITIVE_INFINITY], score);
}

/**
 * The least ε that Rényi DP proves at δ: an upper bound.
 *
 * (α−1)(ε(α)·T + conversion) is convex in α, so with continuous orders the search cannot miss the minimum.
 */
export function rdpEpsilon({ parts }: FlatEvent, delta: number, options: RdpOptions = {}): RdpEpsilon {
  if (parts.length === 0) return { epsilon: 0, optimalOrder: null };
  const conversion = options.conversion ?? 'improved';
  const score = (order: number) => {
    if (delta === 0 && order < Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    return epsilonFromRdp(composedRdp(parts, order), order, { delta, conversion });
  };
  if (delta === 0) return { epsilon: score(Number.POSITIVE_INFINITY), optimalOrder: Number.POSITIVE_INFINITY };
  const { value, order } = options.orders === undefined ? searched(score) : best(ordersOf(options.orders), score);
  const trivial = conversion === 'improved' && impliesZeroEpsilon(composedRdp(parts, 1 + 1e-4), delta);
  return trivial ? { epsilon: 0, optimalOrder: 1 + 1e-4 } : { epsilon: Math.max(0, value), optimalOrder: order };
}

/** The least log δ that Rényi DP proves at ε: an upper bound. */
export function rdpLogDelta({ parts }: FlatEvent, epsilon: number): { logDelta: number; optimalOrder: number | null } {
  if (parts.length === 0) return { logDelta: Number.NEGATIVE_INFINITY, optimalOrder: null };
  const { value, order } = searched((candidate) => logDeltaFromRdp(composedRdp(parts, candidate), candidate, epsilon));
  return { logDelta: Math.min(0, value), optimalOrder: order };
}
