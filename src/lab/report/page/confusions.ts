/** Confusion matrices, over all seeds of a configuration. */

import type { ConfusionCount } from '../../results/read.ts';
import type { Study } from '../study.ts';
import type { ConfusionChart } from './page-data.ts';

/** One for each configuration with a finished run; none where they were not recorded. */
export function confusionCharts({ configurations }: Study): ConfusionChart[] {
  const all = configurations.flatMap(({ confusions = [] }) => confusions);
  const classes = 1 + Math.max(...all.flatMap(({ label, predicted }) => [label, predicted]));
  return configurations.flatMap(({ confusions = [] }, configuration) =>
    confusions.length > 0
      ? [{ id: `confusion-${configuration}`, configuration, counts: matrixOf(confusions, classes) }]
      : [],
  );
}

function matrixOf(confusions: readonly ConfusionCount[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, predicted, count } of confusions) {
    const row = counts[label] as number[];
    row[predicted] = (row[predicted] as number) + count;
  }
  return counts;
}
