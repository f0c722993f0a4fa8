/** What seeds say of a claim about a mean: that it holds, that it does not, or that they are too few to tell. */

import { type PairedTest, pairedT } from '../lab/statistics/paired.ts';
import { tQuantile } from '../lab/statistics/t-distribution.ts';

export type Outcome = 'holds' | 'refuted' | 'inconclusive';

export interface Judgement {
  readonly outcome: Outcome;
  /** Student's paired t test of the differences; undefined for fewer than two, without spread, or where one is not finite. */
  readonly test: PairedTest | undefined;
  /**
   * Where it is inconclusive: how many seeds would decide it with probability 0.8, were mean and spread as they look now. Undefined
   * where no number up to 1000 would, or nothing can be said.
   */
  readonly seedsNeeded?: number | undefined;
}

export interface MeanClaim {
  /** The mean is above it, … */
  readonly bound: number;
  /** … or equal to it. */
  readonly orEqual?: boolean;
}

/**
 * Whether the mean of `differences` is above `bound`. That holds where the whole 95 % t interval lies above, and is refuted where it
 * lies below; each verdict is wrong with probability at most 2.5 % (for normal differences).
 */
export function judge(differences: readonly number[], { bound, orEqual = false }: MeanClaim): Judgement {
  const test = differences.every(Number.isFinite) ? pairedT(differences) : undefined;
  if (!test) return { outcome: 'inconclusive', test, seedsNeeded: differences.length < 2 ? 2 : undefined };
  const isBound = test.low === bound && test.high === bound; // both are 0: the runs are the same
  if (test.low > bound || (isBound && orEqual)) return { outcome: 'holds', test };
  if (test.high < bound || isBound) return { outcome: 'refuted', test };
  return { outcome: 'inconclusive', test, seedsNeeded: seedsNeeded(test, bound) };
}

const mostSeeds = 1000;

/** Smallest n > n₀ with (t(0.975, n − 1) + t(0.8, n − 1)) · sd ÷ √n ≤ |mean − bound|. */
function seedsNeeded({ n, difference, high }: PairedTest, bound: number): number | undefined {
  const sd = ((high - difference) * Math.sqrt(n)) / tQuantile(0.975, n - 1);
  const effect = Math.abs(difference - bound);
  const decide = (seeds: number) =>
    ((tQuantile(0.975, seeds - 1) + tQuantile(0.8, seeds - 1)) * sd) / Math.sqrt(seeds) <= effect;
  if (!decide(mostSeeds)) return undefined;
  let [few, enough] = [n, mostSeeds];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (decide(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}
