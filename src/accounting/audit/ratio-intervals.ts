/** Asymptotic intervals of the ratio of two rates, hence of ε: how often they hold is known for large counts only. */

import { ndtri } from '../special/normal.ts';
import { type AuditLevel, significanceOf } from './audit-result.ts';
import type { Proportion } from './clopper-pearson.ts';
import type { GuessCounts } from './counts.ts';
import type { AuditEstimate, EstimateMethod } from './estimate.ts';

/** Ends of an interval of log(p₁/p₂). */
interface LogInterval {
  readonly low: number;
  readonly high: number;
}

/** `null` where a count is 0 that the method divides by. */
type RatioInterval = (one: Proportion, two: Proportion, z: number) => LogInterval | null;

const isZero = (one: Proportion, two: Proportion) => one.successes === 0 || two.successes === 0;
const logRatio = (one: Proportion, two: Proportion) =>
  Math.log(one.successes / one.trials) - Math.log(two.successes / two.trials);
/** 1/x₁ − 1/n₁ + 1/x₂ − 1/n₂, of the log-ratio by the delta method. */
const variance = (one: Proportion, two: Proportion) =>
  1 / one.successes - 1 / one.trials + 1 / two.successes - 1 / two.trials;

const around = (center: number, half: number): LogInterval => ({ low: center - half, high: center + half });

/** log(p̂₁/p̂₂) ∓ z √(1/x₁ − 1/n₁ + 1/x₂ − 1/n₂) (Katz et al. 1978). */
export const katzLog: RatioInterval = (one, two, z) =>
  isZero(one, two) ? null : around(logRatio(one, two), z * Math.sqrt(variance(one, two)));

/** As Katz, with ½ added to every count and number of trials (Walter 1975): defined for all counts. */
export const walters: RatioInterval = (one, two, z) => {
  const more = ({ successes, trials }: Proportion) => ({ successes: successes + 0.5, trials: trials + 0.5 });
  return katzLog(more(one), more(two), z);
};

/** log(p̂₁/p̂₂) ∓ 2 asinh(z/2 · √(1/x₁ − 1/n₁ + 1/x₂ − 1/n₂)) (Newcombe 2001). */
export const inverseSinh: RatioInterval = (one, two, z) =>
  isZero(one, two) ? null : around(logRatio(one, two), 2 * Math.asinh((z / 2) * Math.sqrt(variance(one, two))));

/**
 * p̂₁/p̂₂ · [(1 ∓ z/3 · √(q̂₁/x₁ + q̂₂/x₂ − z² q̂₁q̂₂/(9x₁x₂))) ÷ (1 − z² q̂₂/(9x₂))]³ (Bailey 1987): the cube root of the ratio is
 * nearly normal. Not defined where z² q̂₂ ≥ 9 x₂, and 0 below where the numerator is negative.
 */
export const bailey: RatioInterval = (one, two, z) => {
  if (isZero(one, two)) return null;
  const miss = ({ successes, trials }: Proportion) => (1 - successes / trials) / successes;
  const [m1, m2] = [miss(one), miss(two)];
  const below = 1 - (z * z * m2) / 9;
  const inside = m1 + m2 - (z * z * m1 * m2) / 9;
  if (!(below > 0) || inside < 0) return null;
  const end = (sign: 1 | -1) =>
    logRatio(one, two) + 3 * Math.log(Math.max(0, 1 + (sign * z * Math.sqrt(inside)) / 3) / below);
  return { low: end(-1), high: end(1) };
};

const METHODS: Readonly<Record<Exclude<EstimateMethod, 'bayesian'>, RatioInterval>> = {
  'katz-log': katzLog,
  walters,
  bailey,
  'inverse-sinh': inverseSinh,
};

/** TPR over FPR, and TNR over FNR. */
function pairsOf({ truePositives, positives, falsePositives, negatives }: GuessCounts) {
  const rate = (successes: number, trials: number): Proportion => ({ successes, trials });
  return [
    [rate(truePositives, positives), rate(falsePositives, negatives)],
    [rate(negatives - falsePositives, negatives), rate(positives - truePositives, positives)],
  ] as const;
}

/**
 * ε's interval by each method: of the larger of TPR/FPR and TNR/FNR, each end at (1 − confidence)/2 for either ratio, as both are
 * looked at. δ is taken off by its estimate, log(1 − δ/p̂₁). Where counts are small, coverage is not what it is called.
 *
 * Throws a RangeError for a level out of range.
 */
export function ratioEstimates(counts: GuessCounts, level: AuditLevel): AuditEstimate[] {
  const z = -ndtri(significanceOf(level) / 2);
  const { delta, confidence } = level;
  return Object.entries(METHODS).map(([method, interval]) => {
    const ends = pairsOf(counts).map(([one, two]) => shifted(interval(one, two, z), one, delta));
    const known = ends.filter((end) => end !== null);
    const [low, high] = known.length < ends.length ? [null, null] : [largest(known, 'low'), largest(known, 'high')];
    return { method: method as EstimateMethod, kind: 'approximate', low, high, delta, confidence };
  });
}

function shifted(interval: LogInterval | null, { successes, trials }: Proportion, delta: number): LogInterval | null {
  if (!interval) return null;
  const shift = Math.log(Math.max(0, 1 - (delta * trials) / successes));
  return { low: interval.low + shift, high: interval.high + shift };
}

function largest(intervals: readonly LogInterval[], end: keyof LogInterval): number {
  return Math.max(0, ...intervals.map((interval) => interval[end]));
}
