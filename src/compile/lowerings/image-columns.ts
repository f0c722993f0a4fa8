/** Images as matrices, batch-last: what turns a convolution into one matrix product. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Graph } from '../graph/graph.ts';
import { computed, inLayout, permuted, reshaped } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { batchLast, type Geometry, windowOffsets } from './geometry.ts';
import { padPixels } from './joins.ts';

/** `[channels, area · batch]` */
export function imageMatrix(graph: Graph, image: Value): string {
  const [batch, height, width, channels] = image.shape;
  const from = permuted(image.shape, batchLast);
  return reshaped(graph, inLayout(graph, image, batchLast), { from, to: [channels, height * width * batch] });
}

/** `[in · kernel area, output area · batch]` */
export function imageColumns(graph: Graph, x: Value, geometry: Geometry): string {
  const [batch, , , channels] = x.shape;
  const padded = paddedBatchLast(graph, x, geometry);
  const pixels = sizeOf(padded.shape) / batch;
  const rows = reshaped(graph, inLayout(graph, padded, batchLast), {
    from: permuted(padded.shape, batchLast),
    to: [pixels, batch],
  });
  const indices = columnIndices(graph, channels, { height: padded.shape[1], width: padded.shape[2], geometry });
  const gathered = graph.node('Gather', [rows, indices], { axis: 0 });
  const { kernel, output } = geometry;
  const area = kernel[0] * kernel[1];
  const places = output[0] * output[1];
  return reshaped(graph, gathered, {
    from: [channels * area * places, batch],
    to: [channels * area, places * batch],
  });
}

interface Pixels {
  /** Of the image with its padding. */
  readonly height: number;
  readonly width: number;
  readonly geometry: Geometry;
}

/** For each channel, position in the kernel and place in the output: which pixel is there. */
function columnIndices(graph: Graph, channels: number, pixels: Pixels): string {
  return graph.shared(`columns ${channels} ${JSON.stringify(pixels)}`, () => {
    const list = Array.from({ length: channels }, (_, channel) => channelIndices(channel, pixels)).flat();
    return { type: 'int32', shape: [list.length], bytes: new Uint8Array(Int32Array.from(list).buffer) };
  });
}

function channelIndices(channel: number, { height, width, geometry }: Pixels): number[] {
  const { kernel, output, strides, dilations } = geometry;
  const places = windowOffsets(output);
  return windowOffsets(kernel).flatMap(([row, column]) =>
    places.map(([top, left]) => {
      const y = top * strides[0] + row * dilations[0];
      return (channel * height + y) * width + left * strides[1] + column * dilations[1];
    }),
  );
}

/** x with its padding, so that it lies batch-last. */
export function paddedBatchLast(graph: Graph, x: Value, { before, after }: Geometry): Value {
  const lying = computed(graph, inLayout(graph, x, batchLast), { shape: x.shape, layout: batchLast });
  return padPixels(graph, lying, { before, after, value: 0 });
}
