/** The Bayesian interval of ε (Zanella-Béguelin et al., «Bayesian Estimation of Differential Privacy», 2023). */

import { findRoot } from '../numeric/brent.ts';
import { type BetaShape, inverseRegularizedBeta, logBetaKernel, regularizedBeta } from '../special/beta.ts';
import { type AuditLevel, significanceOf } from './audit-result.ts';
import type { GuessCounts } from './counts.ts';
import type { AuditEstimate } from './estimate.ts';

/** Posteriors under Jeffreys' prior Beta(½, ½) on either rate. */
interface Posterior {
  readonly falsePositive: BetaShape;
  readonly falseNegative: BetaShape;
}

function posteriorOf({ truePositives, positives, falsePositives, negatives }: GuessCounts): Posterior {
  return {
    falsePositive: { a: 0.5 + falsePositives, b: 0.5 + negatives - falsePositives },
    falseNegative: { a: 0.5 + positives - truePositives, b: 0.5 + truePositives },
  };
}

/** The least FNR that (ε, δ)-DP allows at an FPR: max(0, 1 − δ − e^ε FPR, e^−ε (1 − δ − FPR)) (Kairouz, Oh, Viswanath 2015). */
function leastMisses(falsePositive: number, { epsilon, delta }: { epsilon: number; delta: number }): number {
  const growth = Math.exp(epsilon);
  return Math.max(0, 1 - delta - growth * falsePositive, (1 - delta - falsePositive) / growth);
}

/**
 * P[ε > t | counts]: the posterior mass of the rates that (t, δ)-DP does not allow, on either side (the region is symmetric
 * under swapping every guess). With FPR = sin² θ, over which the density is bounded, by adaptive
 * Gauss–Legendre between the region's corners, to 1e-10.
 */
export function posteriorAbove(counts: GuessCounts, epsilon: number, delta: number): number {
  const { falsePositive, falseNegative } = posteriorOf(counts);
  const at = { epsilon, delta };
  const outside = (rate: number) =>
    regularizedBeta(leastMisses(rate, at), falseNegative) +
    regularizedBeta(leastMisses(1 - rate, at), { a: falseNegative.b, b: falseNegative.a });
  const integrand = (angle: number) => {
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const rate = sin * sin;
    return (2 * Math.exp(logBetaKernel(rate, falsePositive)) * outside(rate)) / (sin * cos);
  };
  const ends = piecesOf(falsePositive, at);
  return ends.slice(1).reduce((sum, end, i) => sum + integral(integrand, ends[i] as number, end), 0);
}

/** Where mass beyond is not worth summing. */
const NEGLIGIBLE = 1e-14;

/** Angles between which the integrand is smooth: the ends of the posterior, and the corners of the region. */
function piecesOf(shape: BetaShape, { epsilon, delta }: { epsilon: number; delta: number }): number[] {
  const low = inverseRegularizedBeta(NEGLIGIBLE, shape);
  const high = 1 - inverseRegularizedBeta(NEGLIGIBLE, { a: shape.b, b: shape.a });
  const crossing = (1 - delta) / (1 + Math.exp(epsilon));
  const corners = [crossing, 1 - crossing, delta, 1 - delta].filter((rate) => rate > low && rate < high);
  return [low, ...corners.sort((a, b) => a - b), high].map((rate) => Math.asin(Math.sqrt(rate)));
}

type Integrand = (x: number) => number;

const NODES = [
  { at: 0.5 - 0.5 * Math.sqrt(0.6), weight: 5 / 18 },
  { at: 0.5, weight: 8 / 18 },
  { at: 0.5 + 0.5 * Math.sqrt(0.6), weight: 5 / 18 },
] as const;

function byThreeNodes(f: Integrand, low: number, high: number): number {
  const width = high - low;
  return width * NODES.reduce((sum, { at, weight }) => sum + weight * f(low + at * width), 0);
}

/** Of the integral, absolute, for each interval that is not halved further. */
const ERROR = 1e-13;
const FIRST_INTERVALS = 8;

function integral(f: Integrand, low: number, high: number): number {
  const width = (high - low) / FIRST_INTERVALS;
  const parts = Array.from({ length: FIRST_INTERVALS }, (_, i) => [low + i * width, low + (i + 1) * width] as const);
  return parts.reduce(
    (sum, [from, to]) => sum + halved(f, [from, to], { whole: byThreeNodes(f, from, to), depth: 0 }),
    0,
  );
}

/** One rate's posterior can step from 0 to 1 within a thousandth of the other's: halves until both halves agree with the whole. */
function halved(
  f: Integrand,
  [low, high]: readonly [number, number],
  { whole, depth }: { readonly whole: number; readonly depth: number },
): number {
  const middle = (low + high) / 2;
  const [left, right] = [byThreeNodes(f, low, middle), byThreeNodes(f, middle, high)];
  if (Math.abs(left + right - whole) < ERROR || depth === 30) return left + right;
  return (
    halved(f, [low, middle], { whole: left, depth: depth + 1 }) +
    halved(f, [middle, high], { whole: right, depth: depth + 1 })
  );
}

/** The ε that the posterior exceeds with this probability; 0 where it exceeds 0 less often. */
function exceededWith(probability: number, counts: GuessCounts, delta: number): number {
  const excess = (epsilon: number) => posteriorAbove(counts, epsilon, delta) - probability;
  if (excess(0) <= 0) return 0;
  let high = 1;
  while (excess(high) > 0) high *= 2;
  return findRoot(excess, { low: 0, high, tolerance: 1e-9 });
}

/**
 * The equal-tailed credible interval of ε given the counts of one guessing rule: ε is below `low`, and above `high`, with posterior
 * probability (1 − confidence)/2 each. A statement about belief under Jeffreys' prior, not a bound that holds 95 % of the time:
 * at rates near 0 or 1 it is narrower than {@link auditCounts} by what the prior adds.
 *
 * Throws a RangeError for a level out of range.
 */
export function bayesianEpsilon(counts: GuessCounts, level: AuditLevel): AuditEstimate {
  const tail = significanceOf(level) / 2;
  const { delta, confidence } = level;
  const low = exceededWith(1 - tail, counts, delta);
  const high = exceededWith(tail, counts, delta);
  return { method: 'bayesian', kind: 'credible', low, high, delta, confidence };
}
