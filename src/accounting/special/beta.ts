/** The regularized incomplete beta function and its inverse, with relative precision in both tails. */

import { lgamma, stirlingCorrection } from './gamma.ts';
import { HALF_LOG_2PI } from './normal.ts';

const TINY = 1e-300;

export interface BetaShape {
  readonly a: number;
  readonly b: number;
}

/** log Γ(x) − [(x − ½) log x − x + ½ log 2π]: small, so that differences of large log Γ never arise. */
function correction(x: number): number {
  return x >= 10 ? stirlingCorrection(x) : lgamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_2PI);
}

/** t − log(1 + t) for small t, by its series: the difference would cancel. */
function excess(t: number): number {
  let power = t * t;
  let sum = 0;
  for (let n = 2; n < 40 && Math.abs(power) > 1e-18 * Math.abs(sum); n++) {
    sum += (n % 2 === 0 ? power : -power) / n;
    power *= t;
  }
  return sum;
}

/**
 * observed · log(observed ÷ expected) + expected − observed ≥ 0 (Loader 2000, «Fast and accurate computation of binomial
 * probabilities»).
 */
function deviance(observed: number, expected: number): number {
  const t = (expected - observed) / observed;
  if (Math.abs(t) < 0.1) return observed * excess(t);
  return observed * Math.log(observed / expected) + expected - observed;
}

/** log[ x^a (1 − x)^b ÷ B(a, b) ] by Loader's saddle point: no digits are lost where a and b are large. */
export function logBetaKernel(x: number, { a, b }: BetaShape): number {
  const n = a + b;
  const scale = 0.5 * Math.log((a / n) * b) - HALF_LOG_2PI;
  const corrections = correction(n) - correction(a) - correction(b);
  return scale + corrections - deviance(a, n * x) - deviance(b, n * (1 - x));
}

/** The continued fraction of I_x(a, b), by Lentz's method; converges fast for x < (a + 1)/(a + b + 2). */
function continuedFraction(x: number, { a, b }: BetaShape): number {
  const guarded = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / guarded(1 + term * d);
      c = guarded(1 + term / c);
      change *= c * d;
    }
    fraction *= change;
    if (Math.abs(change - 1) < 2e-16) break;
  }
  return fraction;
}

/**
 * log I_x(a, b), and log of the complement, for a, b > 0 and 0 ≤ x ≤ 1. The smaller of the two is computed directly, so that
 * 1e-300 is as precise as 0.1. Relative error of I below 1e-12 for a, b up to 1e6.
 */
export function logRegularizedBeta(x: number, { a, b }: BetaShape): { readonly lower: number; readonly upper: number } {
  if (x <= 0) return { lower: Number.NEGATIVE_INFINITY, upper: 0 };
  if (x >= 1) return { lower: 0, upper: Number.NEGATIVE_INFINITY };
  const kernel = logBetaKernel(x, { a, b });
  const isLower = x < (a + 1) / (a + b + 2);
  const fraction = isLower ? continuedFraction(x, { a, b }) / a : continuedFraction(1 - x, { a: b, b: a }) / b;
  const direct = Math.min(0, kernel + Math.log(fraction));
  const other = Math.log1p(-Math.exp(direct));
  return isLower ? { lower: direct, upper: other } : { lower: other, upper: direct };
}

/** I_x(a, b) = P[Beta(a, b) ≤ x]. */
export function regularizedBeta(x: number, shape: BetaShape): number {
  return Math.exp(logRegularizedBeta(x, shape).lower);
}

/** Bound of logit x within which doubles distinguish x from 0. */
const WIDEST_LOGIT = 700;

/**
 * The x with I_x(a, b) = p: Newton's method on the logarithm of the smaller tail as a function of logit x, so that x near 0
 * keeps its relative precision, and halving of the bracket wherever a step leaves it.
 */
export function inverseRegularizedBeta(p: number, shape: BetaShape): number {
  if (!(p > 0)) return 0;
  if (!(p < 1)) return 1;
  const [tail, sign, target] =
    p <= 0.5 ? (['lower', 1, Math.log(p)] as const) : (['upper', -1, Math.log1p(-p)] as const);
  let [low, high] = [-WIDEST_LOGIT, WIDEST_LOGIT];
  let logit = Math.log(shape.a / shape.b);
  for (let trial = 0; trial < 200; trial++) {
    const x = 1 / (1 + Math.exp(-logit));
    const logTail = logRegularizedBeta(x, shape)[tail];
    const miss = sign * (target - logTail);
    if (miss > 0) low = logit;
    else high = logit;
    const slope = Math.exp(logBetaKernel(x, shape) - logTail); // of the logarithm of the tail, but for its sign
    const next = logit + miss / slope;
    const isInside = next > low && next < high;
    const step = (isInside ? next : (low + high) / 2) - logit;
    logit += step;
    if (Math.abs(step) <= 1e-15 * Math.abs(logit) || step === 0) break;
  }
  return 1 / (1 + Math.exp(-logit));
}
