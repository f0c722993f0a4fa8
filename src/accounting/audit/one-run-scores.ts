/** From the scores of many canaries in one training to a lower bound of ε, with numbers of guesses fixed by the design alone. */

import { logBinomialTail } from '../special/binomial.ts';
import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { type GuessPlan, guessByRank } from './guesses.ts';
import { auditOneRun } from './one-run.ts';
import { auditOneRunFDp } from './one-run-f-dp.ts';

/** One score a canary; high ones should speak for «in». Their order must not tell who was in: ties go by position. */
export interface CanaryScores {
  readonly scores: ArrayLike<number>;
  /** Whether each canary was in, by its own fair coin. */
  readonly included: ArrayLike<boolean>;
}

export interface OneRunScoresLevel extends AuditLevel {
  /** How many of either kind to guess, fixed before the scores were seen. Left out: every plan of {@link guessPlans}. */
  readonly plan?: GuessPlan | undefined;
  /** Take the mechanism to be Gaussian; default no. */
  readonly family?: 'any' | 'gaussian';
}

/** Of all canaries: few sure guesses prove most of a weak mechanism, many of a strong one. */
const SHARES = [0.02, 0.1, 0.4, 1] as const;

/** The plans that are tried where none is given: as many «in» as «out», together 2, 10, 40 and 100 % of the canaries. */
export function guessPlans(canaries: number): GuessPlan[] {
  const sizes = SHARES.map((share) => Math.floor((share * canaries) / 2));
  return [...new Set(sizes)].filter((size) => size > 0).map((size) => ({ positives: size, negatives: size }));
}

/**
 * ε̲ by {@link auditOneRun} or, within the Gaussian family, {@link auditOneRunFDp}: the largest over the plans, each at its share
 * of the significance (Bonferroni).
 *
 * Throws a RangeError for fewer than two canaries, scores that are no numbers, or a level or plan out of range.
 */
export function auditOneRunScores({ scores, included }: CanaryScores, level: OneRunScoresLevel): AuditResult {
  const { plan, family = 'any', delta, confidence } = level;
  if (scores.length < 2) {
    throw new RangeError(`a one-run audit needs at least 2 canaries, but was given ${scores.length}.`);
  }
  if (Array.from(scores).some(Number.isNaN)) throw new RangeError('scores must be numbers, but one is NaN.');
  const plans = plan ? [plan] : guessPlans(scores.length);
  const share = significanceOf(level) / plans.length;
  const audit = family === 'gaussian' ? auditOneRunFDp : auditOneRun;
  const results = plans.map((own) => audit(guessByRank(scores, included, own), { delta, confidence: 1 - share }));
  const [first] = results as [AuditResult];
  const epsilon = Math.max(...results.map((result) => result.epsilon));
  return { ...first, epsilon, confidence, method: plan ? first.method : CORRECTED[family] };
}

const CORRECTED = { any: 'one-run-bonferroni', gaussian: 'one-run-f-dp-bonferroni' } as const;

/** P[|Bin(m, ½) − m/2| ≥ what was seen]: how likely fair coins are to include so many or so few. */
export function fairCoinPValue(included: ArrayLike<boolean>): number {
  const trials = included.length;
  const count = Array.from(included).filter(Boolean).length;
  const tail = logBinomialTail(Math.max(count, trials - count), { trials, probability: 0.5 });
  return Math.min(1, 2 * Math.exp(tail));
}
