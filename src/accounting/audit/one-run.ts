/** Auditing with one training run (Steinke, Nasr, Jagielski, «Privacy Auditing with One (1) Training Run», 2023). */

import { logBinomialMass, logBinomialTail } from '../special/binomial.ts';
import { logAdd } from '../special/log-space.ts';
import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { checkGuesses, type Guesses } from './guesses.ts';
import { largestRejected } from './largest-rejected.ts';

/**
 * max over 1 ≤ i ≤ v of P[v − i ≤ Bin(r, p) < v] ÷ i, by the ratio of neighbouring masses, in logarithms: the first masses
 * may underflow where the later ones do not.
 */
function largestMeanMass({ guesses, correct }: Guesses, epsilon: number): number {
  const probability = 1 / (1 + Math.exp(-epsilon));
  let mass = logBinomialMass(correct - 1, { trials: guesses, probability });
  let sum = Number.NEGATIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 1; i <= correct; i++) {
    sum = logAdd(sum, mass);
    largest = Math.max(largest, sum - Math.log(i));
    const k = correct - i; // the mass just added is that of k
    mass += Math.log(k / (guesses - k + 1)) - epsilon;
  }
  return Math.exp(largest);
}

/**
 * The p-value of (ε, δ)-DP: min(1, β + 2mδ · max_i P[v − i ≤ X < v]/i) with X ~ Bin(r, e^ε/(1 + e^ε)) and β = P[X ≥ v]
 * (Theorem 5.2). Without the second term, the δ of the claim would be taken for 0.
 */
export function oneRunPValue(guesses: Guesses, epsilon: number, delta: number): number {
  checkGuesses(guesses);
  const probability = 1 / (1 + Math.exp(-epsilon));
  const tail = Math.exp(logBinomialTail(guesses.correct, { trials: guesses.guesses, probability }));
  if (delta === 0 || tail === 1) return tail;
  return Math.min(1, tail + 2 * guesses.canaries * delta * largestMeanMass(guesses, epsilon));
}

/**
 * The largest ε whose p-value is at most 1 − confidence. 0 where even ε = 0 is not rejected. The numbers of guesses must have
 * been fixed in advance. 100 right of 100 guesses among 1000 canaries prove 3.465 (confidence 0.95, δ = 1e-5).
 *
 * Throws a RangeError for counts that do not fit each other or a level out of range.
 */
export function auditOneRun(guesses: Guesses, level: AuditLevel): AuditResult {
  checkGuesses(guesses);
  const significance = significanceOf(level);
  const { delta, confidence } = level;
  const epsilon = largestRejected((value) => oneRunPValue(guesses, value, delta) <= significance);
  return { epsilon, delta, confidence, method: 'one-run', assumption: null };
}
