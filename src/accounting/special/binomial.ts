/** Binomial probabilities as logarithms. */

import { logRegularizedBeta } from './beta.ts';
import { logChoose } from './gamma.ts';

export interface Binomial {
  readonly trials: number;
  readonly probability: number;
}

/** log P[Bin(n, p) ≥ k] = log I_p(k, n − k + 1); 0 for k ≤ 0, −∞ for k > n. */
export function logBinomialTail(k: number, { trials, probability }: Binomial): number {
  if (k <= 0) return 0;
  if (k > trials) return Number.NEGATIVE_INFINITY;
  return logRegularizedBeta(probability, { a: k, b: trials - k + 1 }).lower;
}

/** log P[Bin(n, p) = k]; −∞ outside 0 … n. */
export function logBinomialMass(k: number, { trials, probability }: Binomial): number {
  if (k < 0 || k > trials) return Number.NEGATIVE_INFINITY;
  const successes = k === 0 ? 0 : k * Math.log(probability);
  const failures = k === trials ? 0 : (trials - k) * Math.log1p(-probability);
  return logChoose(trials, k) + successes + failures;
}
