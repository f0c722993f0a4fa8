/** The windows of a pooling taken apart: one image for each position in the window, and back. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout, permuted } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { batchLast, channelsFirst, type Geometry, tiles, windowOffsets } from './geometry.ts';
import { concat, padPixels } from './joins.ts';
import { reshape } from './reshape.ts';
import { slice } from './slices.ts';

/** Entry k holds what stands at position k of every window, row by row; `filler` where that is padding. */
export function windowEntries(
  graph: Graph,
  x: Value,
  { geometry, filler }: { geometry: Geometry; filler: number },
): Value[] {
  const { before, after, strides, output } = geometry;
  const padded = padPixels(graph, forSlicing(graph, x), { before, after, value: filler });
  return windowOffsets(geometry.kernel).map(([row, column]) =>
    slice(graph, padded, {
      begin: [0, row, column, 0],
      size: [x.shape[0], ...output, x.shape[3]],
      strides: [1, ...strides, 1],
    }),
  );
}

/** With a batch, entries are cut from rows of all examples: the longer the rows, the faster. */
function forSlicing(graph: Graph, x: Value): Value {
  if (x.shape[0] < 8) return x;
  return computed(graph, inLayout(graph, x, batchLast), { shape: x.shape, dtype: x.dtype, layout: batchLast });
}

/** Whether the last axis of what is stored is the batch. */
export function liesBatchLast(value: Value): boolean {
  return value.kind === 'computed' && value.shape[0] > 1 && value.layout.at(-1) === 0;
}

/** The adjoint of `windowEntries`: entries that come from one pixel are summed. */
export function fromWindowEntries(
  graph: Graph,
  entries: readonly Value[],
  { geometry, shape }: { geometry: Geometry; shape: Shape },
): Value {
  return tiles(geometry) ? tiled(graph, entries, { geometry, shape }) : summed(graph, entries, { geometry, shape });
}

/** Every pixel is in one window: the entries are only put side by side. */
function tiled(
  graph: Graph,
  entries: readonly Value[],
  { geometry, shape }: { geometry: Geometry; shape: Shape },
): Value {
  const { kernel, output } = geometry;
  const [batch, height, width, channels] = shape;
  const single = entries.map((entry) => reshape(graph, entry, [batch, output[0], 1, output[1], 1, channels]));
  const rows = Array.from({ length: kernel[0] }, (_, row) =>
    concat(graph, single.slice(row * kernel[1], (row + 1) * kernel[1]), 4),
  );
  const covered = [output[0] * kernel[0], output[1] * kernel[1]] as const;
  const image = mergedPixels(graph, concat(graph, rows, 2), [batch, ...covered, channels]);
  return padPixels(graph, image, { before: [0, 0], after: [height - covered[0], width - covered[1]], value: 0 });
}

/** `[batch, rows, k, columns, k, channels]` as an image that lies as it did. */
export function mergedPixels(graph: Graph, value: Value, shape: Shape): Value {
  const [, rows, height, columns, width] = value.shape;
  const from = liesBatchLast(value) ? [5, 1, 2, 3, 4, 0] : [0, 5, 1, 2, 3, 4];
  const layout = liesBatchLast(value) ? batchLast : channelsFirst;
  const name = reshaped(graph, inLayout(graph, value, from), {
    from: permuted(value.shape, from),
    to: permuted([shape[0], rows * height, columns * width, shape[3]], layout),
  });
  return computed(graph, name, { shape, dtype: value.dtype, layout });
}

function summed(
  graph: Graph,
  entries: readonly Value[],
  { geometry, shape }: { geometry: Geometry; shape: Shape },
): Value {
  const { kernel, strides, pads, output } = geometry;
  const [batch, height, width, channels] = shape;
  const columns = entries.map((entry) =>
    reshaped(graph, inLayout(graph, entry, channelsFirst), {
      from: [batch, channels, ...output],
      to: [batch, channels, 1, output[0] * output[1]],
    }),
  );
  const all = graph.node('Reshape', [
    columns.length === 1 ? columns[0] : graph.node('Concat', columns, { axis: 2 }),
    graph.ints([batch, channels * kernel[0] * kernel[1], output[0] * output[1]]),
  ]);
  const name = graph.node('Col2Im', [all, graph.ints([height, width]), graph.ints(kernel)], { pads, strides });
  return computed(graph, name, { shape, layout: channelsFirst });
}
