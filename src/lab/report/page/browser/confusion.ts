/** tfjs-vis' confusion matrix. */

import { confusionMatrix } from '@tensorflow/tfjs-vis/dist/render/confusion_matrix.js';
import type { ConfusionChart } from '../page-data.ts';
import { extendChart } from './embed.ts';
import { chartSize } from './size.ts';
import type { Spec } from './tfjs-vis.ts';

export async function drawConfusion(element: HTMLElement, { counts }: ConfusionChart): Promise<void> {
  const { width, ...size } = chartSize(element);
  extendChart(element, extended);
  await confusionMatrix(
    element,
    { values: counts.map((row) => [...row]), tickLabels: counts.map((_, index) => String(index)) },
    { ...size, width: Math.min(width, 560), shadeDiagonal: false, xLabel: 'taken for', yLabel: 'label' },
  );
}

interface MatrixSpec extends Spec {
  readonly encoding: { readonly x: Spec; readonly y: Spec };
  /** The shades, then the counts. */
  readonly layer: readonly (Spec & { readonly encoding: Spec })[];
}

/** Without a legend, since the counts are written; columns and rows are in the order of the classes. */
function extended(spec: Spec): Spec {
  const { encoding, layer, ...rest } = spec as MatrixSpec;
  const [shades, ...counts] = layer;
  const color = { ...(shades?.encoding['color'] as Spec), legend: null };
  const axis = { labelAngle: 0 };
  return {
    ...rest,
    encoding: { x: { ...encoding.x, axis, sort: null }, y: { ...encoding.y, axis, sort: null } },
    layer: [{ ...shades, encoding: { ...shades?.encoding, color } }, ...counts],
  };
}
