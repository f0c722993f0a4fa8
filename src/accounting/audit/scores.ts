/** From an attacker's scores to a lower bound of ε, with a threshold that is chosen without cheating. */

import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { epsilonOfRates, type GuessCounts, type RateBounds, rateBounds } from './counts.ts';
import { epsilonOfMu, gaussianResult, muOfRates } from './gaussian-family.ts';

type Scores = ArrayLike<number>;

/** Scores of independent trials; high ones should speak for «in». */
export interface AuditScores {
  readonly present: Scores;
  readonly absent: Scores;
}

export interface ScoresLevel extends AuditLevel {
  /**
   * Thresholds fixed before the scores were seen: all are tried, each at its share of the significance (Bonferroni).
   * Left out: the first half of the trials chooses one, and the second half alone proves.
   */
  readonly thresholds?: readonly number[];
  /** Take the mechanism to be Gaussian; default no. */
  readonly family?: 'any' | 'gaussian';
}

/**
 * ε̲ over thresholds and both directions (high scores for «in», or low ones). Taking the best of many thresholds without
 * either correction claims falsely 7–12 % of the time at a nominal 5 %.
 *
 * Throws a RangeError for too few scores, no thresholds, scores that are no numbers, or a level out of range.
 */
export function auditScores(scores: AuditScores, level: ScoresLevel): AuditResult {
  checkScores(scores);
  const significance = significanceOf(level);
  const { thresholds, delta, confidence, family = 'any' } = level;
  const isGaussian = family === 'gaussian';
  const figure = isGaussian ? muOfRates : (rates: RateBounds) => epsilonOfRates(rates, delta);
  const found = thresholds
    ? bestOfFixed(scores, thresholds, { significance, figure, family })
    : chosenOnHalf(scores, { significance, figure, family });
  if (isGaussian) return { ...gaussianResult(level), epsilon: epsilonOfMu(found, delta) };
  const method = thresholds ? 'counts-bonferroni' : 'counts-held-out';
  return { epsilon: found, delta, confidence, method, assumption: null };
}

const FEWEST = 4;

/** Throws a RangeError for too few scores, or scores that are no numbers. */
export function checkScores({ present, absent }: AuditScores): void {
  const count = Math.min(present.length, absent.length);
  if (count < FEWEST) {
    throw new RangeError(
      `an audit needs at least ${FEWEST} scores with and without the record, but was given ${count}.`,
    );
  }
  for (const scores of [present, absent]) {
    if (Array.from(scores).some(Number.isNaN)) throw new RangeError('scores must be numbers, but one is NaN.');
  }
}

export interface Search {
  readonly significance: number;
  /** What the rates prove: ε, or μ within the Gaussian family. */
  readonly figure: (rates: RateBounds) => number;
  readonly family: ScoresLevel['family'];
}

export interface Rule {
  readonly threshold: number;
  /** «in» at scores above the threshold, or below it. */
  readonly says: 'above' | 'below';
}

export function rulesAt(thresholds: readonly number[]): Rule[] {
  return thresholds.flatMap((threshold) => [
    { threshold, says: 'above' as const },
    { threshold, says: 'below' as const },
  ]);
}

/** How often a rule says «in». */
function countIn(scores: Scores, { threshold, says }: Rule): number {
  let above = 0;
  for (let i = 0; i < scores.length; i++) if ((scores[i] as number) > threshold) above++;
  return says === 'above' ? above : scores.length - above;
}

export function countsOf({ present, absent }: AuditScores, rule: Rule): GuessCounts {
  return {
    truePositives: countIn(present, rule),
    positives: present.length,
    falsePositives: countIn(absent, rule),
    negatives: absent.length,
  };
}

function bestOfFixed(scores: AuditScores, thresholds: readonly number[], { significance, figure }: Search): number {
  if (thresholds.length === 0) throw new RangeError('thresholds must hold at least one, but are empty.');
  const rules = rulesAt(thresholds);
  const share = significance / rules.length;
  return Math.max(...rules.map((rule) => figure(rateBounds(countsOf(scores, rule), share))));
}

function chosenOnHalf(scores: AuditScores, search: Search): number {
  return search.figure(rateBounds(chosenCounts(scores, search), search.significance));
}

/**
 * The counts of the second half of the trials, by the rule that the first half chose: what {@link auditScores} proves from where no
 * thresholds are given. Throws as it does.
 */
export function heldOutCounts(scores: AuditScores, level: AuditLevel): GuessCounts {
  checkScores(scores);
  const figure = (rates: RateBounds) => epsilonOfRates(rates, level.delta);
  return chosenCounts(scores, { significance: significanceOf(level), figure, family: 'any' });
}

/** Trials are independent, so that which half comes first does not matter. */
export function chosenCounts({ present, absent }: AuditScores, { significance, figure, family }: Search): GuessCounts {
  const part = (scores: Scores, from: number, to: number) => Array.from(scores).slice(from, to);
  const [halfIn, halfOut] = [present.length >> 1, absent.length >> 1];
  const choosing = { present: part(present, 0, halfIn), absent: part(absent, 0, halfOut) };
  let best: Rule = { threshold: Number.POSITIVE_INFINITY, says: 'above' };
  let most = Number.NEGATIVE_INFINITY;
  for (const rule of rulesAt(candidates(choosing, family))) {
    const value = figure(rateBounds(countsOf(choosing, rule), significance));
    if (value > most) [best, most] = [rule, value];
  }
  const proving = { present: part(present, halfIn, present.length), absent: part(absent, halfOut, absent.length) };
  return countsOf(proving, best);
}

/**
 * Order statistics of all scores: tenths, and from either end the 4th, 8th, 16th, … The rarest rates prove the largest ε, but
 * too few scores behind a rule make it win by luck: within the Gaussian family, where the middle proves as much, at least 2 %.
 */
function candidates({ present, absent }: AuditScores, family: ScoresLevel['family']): number[] {
  const pooled = Float64Array.from([...Array.from(present), ...Array.from(absent)]).sort();
  const last = pooled.length - 1;
  const ranks = new Set<number>();
  const rarest = family === 'gaussian' ? Math.ceil(0.02 * last) : 4;
  for (let rank = rarest; rank <= last; rank *= 2) ranks.add(rank).add(last - rank);
  for (let tenth = 1; tenth < 10; tenth++) ranks.add(Math.round((tenth * last) / 10));
  return [...ranks].map((rank) => pooled[rank] as number);
}
