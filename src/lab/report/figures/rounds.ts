/** rounds.svg: test accuracy by round. */

import type { Origin } from '../origin.ts';
import { accuracyByRound } from '../rounds.ts';
import type { Study } from '../study.ts';
import { legendOf } from './legend.ts';
import { lineLegend, linesOf } from './lines.ts';
import { marksOf } from './marks.ts';
import { svgOf } from './spec.ts';

/** Undefined where no round was run. */
export async function roundsSvg({ configurations }: Study, origin: Origin): Promise<string | undefined> {
  const all = configurations.map((configuration, index) => ({
    label: configuration.label,
    marks: marksOf(index),
    points: accuracyByRound(configuration),
  }));
  const series = all.filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  const plot = linesOf(series, { title: 'Test accuracy (%)', bounds: [0, 100] });
  return svgOf(
    { hconcat: [plot, legendOf(lineLegend(series))], spacing: 24 },
    {
      title: 'Test accuracy by round',
      description: 'Means over seeds; bands are 95 % t intervals, of which there is none for a single seed.',
      origin,
    },
  );
}
