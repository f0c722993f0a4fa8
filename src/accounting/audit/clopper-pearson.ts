/** Exact confidence bounds of a probability (Clopper, Pearson 1934). */

import { requireCount } from '../require.ts';
import { inverseRegularizedBeta } from '../special/beta.ts';

export interface Proportion {
  readonly successes: number;
  readonly trials: number;
}

function check({ successes, trials }: Proportion): void {
  requireCount('trials', trials, 'It is how often something was tried.');
  requireCount('successes', successes, 'It is how often that succeeded.');
  if (successes > trials) {
    throw new RangeError(`successes must be at most the ${trials} trials, but are ${successes}.`);
  }
}

/**
 * The lower bound that holds with probability 1 − significance: Beta⁻¹(significance; k, n − k + 1), and 0 at k = 0.
 * Throws a RangeError for counts that are none.
 */
export function proportionAtLeast(proportion: Proportion, significance: number): number {
  check(proportion);
  const { successes, trials } = proportion;
  if (successes === 0) return 0;
  return inverseRegularizedBeta(significance, { a: successes, b: trials - successes + 1 });
}

/** The upper bound, Beta⁻¹(1 − significance; k + 1, n − k), and 1 at k = n; as 1 − the lower bound of the failures. */
export function proportionAtMost(proportion: Proportion, significance: number): number {
  check(proportion);
  const { successes, trials } = proportion;
  if (successes === trials) return 1;
  if (successes === 0) return -Math.expm1(Math.log(significance) / trials);
  return upperQuantile(significance, { a: successes + 1, b: trials - successes });
}

/** The x with P[Beta(a, b) > x] = significance: mirrored, so that a tiny significance is not lost in 1 − significance. */
function upperQuantile(significance: number, { a, b }: { readonly a: number; readonly b: number }): number {
  return 1 - inverseRegularizedBeta(significance, { a: b, b: a });
}
