/** The one-run audit within the Gaussian family (Mahloujifar, Melis, Chaudhuri, «Auditing f-Differential Privacy in One Run», 2024). */

import { ndtr, ndtri } from '../special/normal.ts';
import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { epsilonOfMu, GAUSSIAN_FAMILY } from './gaussian-family.ts';
import { checkGuesses, type Guesses } from './guesses.ts';
import { largestRejected } from './largest-rejected.ts';

/**
 * Whether these guesses are too good for μ-GDP (Algorithm 3 with k = 2). With the probability of as many right guesses
 * supposed to be the significance τ, r and h bound the chances that a guess is among the right and the wrong ones, from v right
 * guesses downwards: h ← max(h, Φ(Φ⁻¹(r) − μ)), r ← r + i/(k′ − i) · Δh. They cannot sum to more than k′/m.
 */
function isTooGood({ canaries, guesses, correct }: Guesses, mu: number, significance: number): boolean {
  let right = (significance * correct) / canaries;
  let wrong = (significance * (guesses - correct)) / canaries;
  for (let i = correct - 1; i >= 0; i--) {
    const next = Math.max(wrong, ndtr(ndtri(right) - mu));
    if (next === wrong) break; // then neither changes any more
    right = Math.min(1, right + (i / (guesses - i)) * (next - wrong));
    wrong = next;
  }
  return right + wrong > guesses / canaries;
}

/**
 * ε at δ > 0 of the largest μ that the guesses reject. Tighter than {@link auditOneRun} (0.5835 against 0.2972 for 600 right of
 * 1000 at δ = 1e-5), but only of mechanisms whose trade-off curve is Gaussian.
 *
 * Throws a RangeError for counts that do not fit each other, a level out of range, or δ = 0.
 */
export function auditOneRunFDp(guesses: Guesses, level: AuditLevel): AuditResult {
  checkGuesses(guesses);
  const significance = significanceOf(level);
  const { delta, confidence } = level;
  const mu = largestRejected((value) => isTooGood(guesses, value, significance));
  return { epsilon: epsilonOfMu(mu, delta), delta, confidence, method: 'one-run-f-dp', assumption: GAUSSIAN_FAMILY };
}
