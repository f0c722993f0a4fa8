/** Parts of a data set, not copied again and again: an experiment is set up for each of its runs, and most ask for the same. */

import type { Dataset } from '../contracts/dataset.ts';
import { firstExamples, subset } from '../data/subset.ts';

/** As `firstExamples`. */
export const firstOnes = keptParts<number | undefined>(firstExamples);

/** All but the first `count`. */
export const exceptFirst = keptParts<number>((data, count) =>
  subset(
    data,
    Int32Array.from({ length: data.size - count }, (_, index) => count + index),
  ),
);

/** Only the last part of each data set is kept: sweeps over its size would fill the memory. */
function keptParts<Which>(cut: (data: Dataset, which: Which) => Dataset): typeof cut {
  const last = new WeakMap<Dataset, { readonly which: Which; readonly part: Dataset }>();
  return (data, which) => {
    const known = last.get(data);
    if (known && known.which === which) return known.part;
    const part = cut(data, which);
    last.set(data, { which, part });
    return part;
  };
}
