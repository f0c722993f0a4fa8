/** Comparing two configurations by their seeds: the same seed means the same data, initial weights and victims. */

import { mean } from './mean.ts';
import { tMass, tQuantile } from './t-distribution.ts';
import { sampleVariance } from './variance.ts';

export interface PairedTest {
  /** Number of seeds that both have. */
  readonly n: number;
  /** Mean of a − b over them. */
  readonly difference: number;
  /** Of the difference: mean ± t(0.975, n − 1) · sd ÷ √n. */
  readonly low: number;
  readonly high: number;
  readonly t: number;
  /** Two-sided, of Student's paired test: small where a difference of 0 would rarely look like this. */
  readonly p: number;
}

/** Figures by seed. */
export type BySeed = ReadonlyMap<number, number>;

/** a − b at each seed that both have, in the order of a. */
export function differencesBySeed(a: BySeed, b: BySeed): number[] {
  return [...a].flatMap(([seed, value]) => {
    const other = b.get(seed);
    return other === undefined ? [] : [value - other];
  });
}

/** Spread that comes of rounding alone, as a share of the mean. */
const rounding = 1e-12;

/**
 * Student's paired t test (Student 1908): t = d̄ ÷ (s_d ÷ √n) with n − 1 degrees of freedom.
 * @returns undefined for fewer than two differences, and where all are alike but not 0: without spread, as shares of few victims
 * often are, the test would be sure of anything. Where all are 0, p is 1.
 */
export function pairedT(differences: readonly number[]): PairedTest | undefined {
  const n = differences.length;
  if (n < 2) return undefined;
  const center = mean(differences);
  const error = Math.sqrt(sampleVariance(differences) / n);
  if (center !== 0 && error <= rounding * Math.abs(center)) return undefined;
  const t = center === 0 ? 0 : center / error;
  const half = tQuantile(0.975, n - 1) * error;
  return { n, difference: center, low: center - half, high: center + half, t, p: 1 - tMass(Math.abs(t), n - 1) };
}

/** Above it 2^n signs take longer than a second. */
const mostSigns = 20;

/**
 * Two-sided p of the sign-flip test (Fisher 1935): the share of the 2^n sign patterns whose |sum| is at least the one seen.
 * Exact without normality, but never below 2^(1 − n): five seeds can't show less than 0.0625.
 * @returns undefined for fewer than two differences, or for more than 20.
 */
export function signFlip(differences: readonly number[]): number | undefined {
  const n = differences.length;
  if (n < 2 || n > mostSigns) return undefined;
  const seen = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  const slack = 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  let asFar = 0;
  for (let signs = 0; signs < 2 ** n; signs += 1) {
    const sum = differences.reduce((total, value, i) => total + ((signs >> i) & 1 ? -value : value), 0);
    if (Math.abs(sum) >= seen - slack) asFar += 1;
  }
  return asFar / 2 ** n;
}

/**
 * p-values corrected for being several (Holm 1979): the i-th smallest of m times m − i + 1, never below an earlier one. Rejecting
 * those at most α wrongly rejects any true hypothesis with probability at most α, whatever their dependence.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const corrected = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[index] as number)));
    corrected[index] = largest;
  });
  return corrected;
}
