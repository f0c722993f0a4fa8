/** From counts of right and wrong guesses over independent trials to a lower bound of ε. */

import { requireCount, requirePositive } from '../require.ts';
import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { proportionAtLeast, proportionAtMost } from './clopper-pearson.ts';

/** How often the attacker said «in», in trials with the record and in trials without it. */
export interface GuessCounts {
  readonly truePositives: number;
  /** Trials with the record. */
  readonly positives: number;
  readonly falsePositives: number;
  /** Trials without it. */
  readonly negatives: number;
}

/** Bounds that hold together: P[«in» | in] is at least, P[«in» | out] at most. */
export interface RateBounds {
  readonly truePositive: number;
  readonly falsePositive: number;
}

/** Clopper–Pearson at half the significance each. Throws a RangeError where more was guessed than tried. */
export function rateBounds(counts: GuessCounts, significance: number): RateBounds {
  const { truePositives, positives, falsePositives, negatives } = counts;
  requireAtMost({ truePositives }, { positives });
  requireAtMost({ falsePositives }, { negatives });
  return {
    truePositive: proportionAtLeast({ successes: truePositives, trials: positives }, significance / 2),
    falsePositive: proportionAtMost({ successes: falsePositives, trials: negatives }, significance / 2),
  };
}

function requireAtMost(guessed: Readonly<Record<string, number>>, trials: Readonly<Record<string, number>>): void {
  const [[name, count = 0] = []] = Object.entries(guessed);
  const [[limit, most = 0] = []] = Object.entries(trials);
  if (count > most) throw new RangeError(`${name} must be at most ${limit} (${most}), but is ${count}.`);
}

/**
 * max(0, ln((TPR − δ)/FPR), ln((TNR − δ)/FNR)): (ε, δ)-DP bounds each rate by e^ε times its partner plus δ. Both directions
 * rest on the same two bounds (TNR = 1 − FPR, FNR = 1 − TPR), so that looking at both costs no confidence.
 */
export function epsilonOfRates({ truePositive, falsePositive }: RateBounds, delta: number): number {
  const logRatio = (rate: number, other: number) => (rate > delta ? Math.log((rate - delta) / other) : 0);
  return Math.max(0, logRatio(truePositive, falsePositive), logRatio(1 - falsePositive, 1 - truePositive));
}

/**
 * The largest ε that the rates contradict where the two worlds differ in `size` records: such groups are
 * (kε, δ(e^(kε) − 1)/(e^ε − 1))-DP (Dwork, Roth 2014, Theorem 2.2 with δ summed).
 */
function epsilonOfGroup(rates: RateBounds, delta: number, size: number): number {
  const deltaAt = (epsilon: number) =>
    delta * (epsilon === 0 ? size : Math.expm1(size * epsilon) / Math.expm1(epsilon));
  const isContradicted = (epsilon: number) => epsilonOfRates(rates, deltaAt(epsilon)) > size * epsilon;
  let [low, high] = [0, epsilonOfRates(rates, delta) / size];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    [low, high] = isContradicted(middle) ? [middle, high] : [low, middle];
  }
  return low;
}

export interface CountsLevel extends AuditLevel {
  /** In how many records the two worlds differ; default 1. */
  readonly groupSize?: number;
}

/**
 * The ε that one fixed guessing rule proves. The rule (threshold and direction) must not have been chosen by looking at these
 * counts: see {@link auditScores} for rules that are. Perfect guessing in n and n trials proves 3.28 at n = 100, 5.60 at
 * n = 1000, 7.90 at n = 10 000 (confidence 0.95, δ = 1e-5).
 *
 * Throws a RangeError for counts that are none or a level out of range.
 */
export function auditCounts(counts: GuessCounts, level: CountsLevel): AuditResult {
  const { delta, confidence, groupSize = 1 } = level;
  requireCount('groupSize', groupSize, 'It is the number of records in which the two worlds differ.');
  requirePositive('groupSize', groupSize, 'Worlds that do not differ prove nothing.');
  const rates = rateBounds(counts, significanceOf(level));
  const epsilon = groupSize <= 1 ? epsilonOfRates(rates, delta) : epsilonOfGroup(rates, delta, groupSize);
  return { epsilon, delta, confidence, method: 'counts', assumption: null };
}
