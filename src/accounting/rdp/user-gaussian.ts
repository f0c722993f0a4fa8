/**
 * Rényi DP of the Poisson-subsampled Gaussian mechanism for a user with k records, for every real order, by quadrature.
 *
 * With r = dP/dQ of the mixture (user-mixture.ts), ε(α) is the larger of log E_Q[r^α] ÷ (α−1) (removing the user) and
 * log E_Q[r^(1−α)] ÷ (α−1) (adding it). Each is summed as the positive E_Q[r^p − 1 − p (r−1)], p = α or 1 − α, by the
 * trapezoid rule, as for one record (subsampled-gaussian.ts).
 */

import type { UserGaussianMechanism } from '../mechanisms.ts';
import { HALF_LOG_2PI } from '../special/normal.ts';
import { exponentAt, meanRecords, type UserMixture, userMixture } from '../user-mixture.ts';
import { binomialSeries, logFromExcess, logRatio } from './subsampled-gaussian.ts';

/** The error of the rule is e^−43. */
const DIGITS = 43;
const NEGLIGIBLE = 1e-18;

/**
 * The trapezoid step for r^p. On the line Im x = y the terms of r differ in phase by at most ky/σ². Where that is below π
 * (p > 0), r is not 0 and |r|^p no larger than on the real line; where it is below π/2 (p < 0),
 * |r| ≥ r(Re x) cos(ky/2σ²) ≥ r(Re x) e^(−1.13 (ky/σ²)²/8).
 */
function stepFor({ noiseMultiplier, records }: UserMixture, power: number): number {
  const variance = noiseMultiplier ** 2;
  const strip = ((power > 0 ? 0.98 : 0.5) * Math.PI * variance) / records;
  const spread = power > 0 ? 0 : (-power * 1.13 * records ** 2) / (8 * variance ** 2);
  const growth = 1 / (2 * variance) + spread;
  const y = Math.min(strip, Math.sqrt(DIGITS / growth));
  return (2 * Math.PI * y) / (DIGITS + growth * y * y);
}

interface Integrand {
  readonly mixture: UserMixture;
  readonly power: number;
  /** See `binomialSeries`. */
  readonly series: readonly number[];
  /** Subtracted from the exponents, so that nothing overflows. */
  readonly shift: number;
}

/** log[r^p N(x; 0, σ²)] + log(√(2π) σ). */
function logHeight(mixture: UserMixture, power: number, x: number): number {
  const { anyRate, noiseMultiplier } = mixture;
  return power * logRatio(anyRate, exponentAt(mixture, x).value) - x ** 2 / (2 * noiseMultiplier ** 2);
}

/** √(2π)σ · N(x; 0, σ²) · (r^p − 1 − p(r−1)) · e^−shift, without cancellation where r is near 1. */
function integrandAt(x: number, { mixture, power, series, shift }: Integrand): number {
  const { anyRate, noiseMultiplier } = mixture;
  const u = exponentAt(mixture, x).value;
  const logDensity = (-x * x) / (2 * noiseMultiplier * noiseMultiplier) - shift;
  const excess = anyRate * Math.expm1(Math.min(u, 700));
  if (Math.abs(power * excess) < 0.1 && Math.abs(excess) < 0.1) {
    let sum = 0;
    for (const coefficient of series) sum = sum * excess + coefficient;
    return Math.exp(logDensity) * excess * excess * sum;
  }
  const logPower = power * logRatio(anyRate, u);
  if (Math.abs(logPower) < 1 && excess < 10) return Math.exp(logDensity) * (Math.expm1(logPower) - power * excess);
  const base = Math.exp(logDensity);
  const linear = u < 30 ? base * excess : anyRate * (Math.exp(u + logDensity) - base);
  return Math.exp(logPower + logDensity) - base - power * linear;
}

/**
 * Where r^p N(x; 0, σ²) has a peak: x = p · E[j | x], reached from p · j. For p > 0 the right-hand side rises with x, so there
 * may be one near every count j; for p < 0 it falls, and there is one.
 */
function peaksOf(mixture: UserMixture, power: number): number[] {
  if (power < 0) return [fallingPeak(mixture, power)];
  return Array.from({ length: mixture.records + 1 }, (_, j) => risingPeak(mixture, power, power * j));
}

function risingPeak(mixture: UserMixture, power: number, from: number): number {
  let x = from;
  for (let trial = 0; trial < 60; trial++) {
    const next = power * meanRecords(mixture, x);
    if (Math.abs(next - x) < mixture.noiseMultiplier / 4) return next;
    x = next;
  }
  return x;
}

function fallingPeak(mixture: UserMixture, power: number): number {
  let [low, high] = [power * mixture.records, 0];
  while (high - low > mixture.noiseMultiplier / 4) {
    const middle = (low + high) / 2;
    [low, high] = power * meanRecords(mixture, middle) > middle ? [middle, high] : [low, middle];
  }
  return (low + high) / 2;
}

interface Interval {
  readonly first: number;
  readonly last: number;
}

/**
 * Sums from a start outward in both directions until terms are negligible, or were summed before. The integrand is 0 where
 * r = 1, so a walk goes on for `least` points at any rate.
 */
function sumAround(f: Integrand, start: number, { step, least, done, sum: before }: Walk): Interval & { sum: number } {
  let sum = before;
  const walk = (from: number, by: 1 | -1): number => {
    for (let k = from; ; k += by) {
      if (done.some(({ first, last }) => k >= first && k <= last)) return k - by;
      const term = integrandAt(k * step, f);
      sum += term;
      if (!(term > NEGLIGIBLE * Math.abs(sum)) && Math.abs(k - start) >= least) return k;
    }
  };
  const last = walk(start, 1);
  return { last, first: walk(start - 1, -1), sum };
}

interface Walk {
  readonly step: number;
  readonly least: number;
  readonly done: readonly Interval[];
  readonly sum: number;
}

/** E_Q[r^p − 1 − p(r−1)] e^−shift, from the highest start down: the peaks of r^p, of r² (where p (r−1) is small), and 0. */
function integrate(f: Integrand, starts: readonly number[]): number {
  const { mixture, power } = f;
  const { noiseMultiplier: std } = mixture;
  const step = stepFor(mixture, power);
  const least = Math.ceil((2 * std + (std < 0.05 ? 0 : 1)) / step);
  const done: Interval[] = [];
  let sum = 0;
  for (const start of starts) {
    const k = Math.round(start / step);
    if (done.some(({ first, last }) => k >= first && k <= last)) continue;
    const walked = sumAround(f, k, { step, least, done, sum });
    done.push(walked);
    sum = walked.sum;
  }
  return (sum * step) / (std * Math.exp(HALF_LOG_2PI));
}

/** log E_Q[r^p] of a user's mixture, p > 1 or p < 0, to about 1e-14 relative. */
export function userLogMoment(mixture: UserMixture, power: number): number {
  const peaks = peaksOf(mixture, power);
  const height = (x: number) => logHeight(mixture, power, x);
  const starts = [...peaks, ...peaksOf(mixture, 2), 0].sort((a, b) => height(b) - height(a));
  const shift = Math.max(0, ...peaks.map(height));
  return logFromExcess(integrate({ mixture, power, series: binomialSeries(power), shift }, starts), shift);
}

/** ε(α) of one step, adding or removing a user; ∞ at α = ∞, and α k² ÷ (2σ²) without sampling. */
export function userGaussianRdp(mechanism: UserGaussianMechanism, order: number): number {
  if (order === Number.POSITIVE_INFINITY) return order;
  const mixture = userMixture(mechanism);
  return Math.max(userLogMoment(mixture, order), userLogMoment(mixture, 1 - order)) / (order - 1);
}
