/** Randomized response on labels. */

import type { Dataset } from '../contracts/dataset.ts';
import type { LabelRule } from '../contracts/defense.ts';
import type { Rng } from '../contracts/rng.ts';

/**
 * The data set with every label drawn once: it stays with probability `keep`, otherwise it becomes one of the other classes,
 * uniformly (k-ary randomized response; Warner 1965, Kairouz et al. 2016).
 */
export function randomizeLabels(data: Dataset, { keep }: Pick<LabelRule, 'keep'>, rng: Rng): Dataset {
  const labels = data.labels.map((label) => {
    if (rng.next() < keep) return label;
    const other = rng.integer(data.classes - 1);
    return other < label ? other : other + 1;
  });
  return { ...data, labels };
}
