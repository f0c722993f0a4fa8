/** Bounds of how likely a noisy classifier gives each class, from draws of it. */

import { proportionAtLeast, proportionAtMost } from '../audit/clopper-pearson.ts';
import { requireCount, requireRate } from '../require.ts';

/** What is known of one prediction, with probability 1 − η. */
export interface ClassBounds {
  /** The class that is certified, an index. */
  readonly predicted: number;
  /** Its probability (or mean score) is at least this, */
  readonly topAtLeast: number;
  /** and that of every other class at most this. */
  readonly othersAtMost: number;
}

export interface ArgmaxVotes {
  /** How often each class won, over fresh draws of the noise. */
  readonly counts: readonly number[];
  /**
   * Votes of other draws that only choose the class (Cohen et al. 2019): one bound is then enough instead of two for each class.
   * Left out: the same counts choose and prove.
   */
  readonly selection?: readonly number[];
  /** Probability that the bounds are wrong. */
  readonly eta: number;
}

/** Throws a RangeError for counts that are none, fewer than two classes, or η outside (0, 1). */
export function argmaxBounds({ counts, selection, eta }: ArgmaxVotes): ClassBounds {
  checkVotes('counts', counts);
  requireEta(eta);
  return selection ? twoSampleBounds(counts, selection, eta) : simultaneousBounds(counts, eta / (2 * counts.length));
}

/** Clopper–Pearson for each class in both directions at `each`: all 2K hold together with probability 1 − 2K · each. */
export function simultaneousBounds(counts: readonly number[], each: number): ClassBounds {
  const trials = sum(counts);
  const predicted = indexOfLargest(counts);
  const others = counts.filter((_, index) => index !== predicted);
  return {
    predicted,
    topAtLeast: proportionAtLeast({ successes: counts[predicted] ?? 0, trials }, each),
    othersAtMost: Math.max(...others.map((successes) => proportionAtMost({ successes, trials }, each))),
  };
}

/** The class is chosen by draws that are not used again, so that one bound at η holds; all others share what is left. */
function twoSampleBounds(counts: readonly number[], selection: readonly number[], eta: number): ClassBounds {
  checkVotes('selection', selection);
  if (selection.length !== counts.length) {
    throw new RangeError(`selection must have ${counts.length} classes as counts has, but has ${selection.length}.`);
  }
  const predicted = indexOfLargest(selection);
  const topAtLeast = proportionAtLeast({ successes: counts[predicted] ?? 0, trials: sum(counts) }, eta);
  return { predicted, topAtLeast, othersAtMost: 1 - topAtLeast };
}

function checkVotes(name: string, votes: readonly number[]): void {
  if (votes.length < 2) throw new RangeError(`${name} must be of at least 2 classes, but are of ${votes.length}.`);
  for (const count of votes) requireCount(name, count, 'They are how often each class won.');
}

export function requireEta(eta: number): void {
  requireRate('eta', eta, 'It is the probability of a wrong certificate; 0.05 or 0.001 are usual.');
  if (eta === 0 || eta === 1) throw new RangeError(`eta must be above 0 and below 1, but is ${eta}.`);
}

export function indexOfLargest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
