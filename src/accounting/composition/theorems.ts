/** Composition theorems: what `count` releases that are each (ε, δ)-DP give together, whatever they are. */

import { requireCount, requireDelta, requireNonNegative } from '../require.ts';
import { logChoose } from '../special/gamma.ts';
import { log1mExp, logAdd } from '../special/log-space.ts';

export interface Composed {
  readonly epsilon: number;
  readonly delta: number;
  readonly count: number;
}

function check({ epsilon, delta, count }: Composed): void {
  requireNonNegative('epsilon', epsilon, 'It is the ε of one release.');
  requireDelta(delta);
  requireCount('count', count, 'It is the number of releases.');
}

/** (k ε, k δ) (Dwork et al. 2006). */
export function basicComposition(release: Composed): { epsilon: number; delta: number } {
  check(release);
  return { epsilon: release.count * release.epsilon, delta: Math.min(1, release.count * release.delta) };
}

/** ε √(2k ln(1/δ′)) + k ε (e^ε − 1) at k δ + δ′ (Dwork, Rothblum, Vadhan 2010); ∞ where kδ uses up `target`. */
export function advancedComposition(release: Composed, target: number): number {
  check(release);
  const { epsilon, delta, count } = release;
  const slack = target - count * delta;
  if (!(slack > 0)) return Number.POSITIVE_INFINITY;
  return epsilon * Math.sqrt(-2 * count * Math.log(slack)) + count * epsilon * Math.expm1(epsilon);
}

/** log δ_i of the optimal theorem: log Σ_{l<i} C(k,l) (e^((k−l)ε) − e^((k−2i+l)ε)) ÷ (1+e^ε)^k. */
function logOptimalDelta({ epsilon, count }: Composed, i: number): number {
  const logTotal = count * (epsilon + Math.log1p(Math.exp(-epsilon)));
  let log = Number.NEGATIVE_INFINITY;
  for (let l = i - 1; l >= 0; l--) {
    const term = logChoose(count, l) + (count - l) * epsilon + log1mExp(-2 * (i - l) * epsilon) - logTotal;
    log = logAdd(log, term);
    if (term < log - 40) break;
  }
  return log;
}

/**
 * The least (k − 2i) ε at which 1 − (1 − δ)^k (1 − δ_i) is at most `target` (Kairouz, Oh, Viswanath 2015, Theorem 3.3),
 * in logarithms, so that k = 10⁶ does not overflow; ∞ where kδ uses up the target.
 */
export function optimalComposition(release: Composed, target: number): number {
  check(release);
  const { epsilon, delta, count } = release;
  const kept = count * Math.log1p(-delta);
  const fits = (i: number) =>
    -Math.expm1(kept + Math.log1p(-Math.min(1, Math.exp(logOptimalDelta(release, i))))) <= target;
  if (epsilon === Number.POSITIVE_INFINITY || !fits(0)) return Number.POSITIVE_INFINITY;
  let [enough, tooMany] = [0, Math.floor(count / 2) + 1];
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2);
    [enough, tooMany] = fits(middle) ? [middle, tooMany] : [enough, middle];
  }
  return (count - 2 * enough) * epsilon;
}

/** ρ + 2 √(ρ ln(1/δ)): ε of ρ-zCDP (Bun, Steinke 2016, Proposition 1.3). ρ = T/(2σ²) for Gaussian noise. */
export function zcdpEpsilon(rho: number, delta: number): number {
  requireNonNegative('rho', rho, 'It is T ÷ (2σ²) for Gaussian noise.');
  requireDelta(delta);
  return rho === 0 ? 0 : rho + 2 * Math.sqrt(-rho * Math.log(delta));
}
