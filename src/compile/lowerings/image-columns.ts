/** Images as matrices, batch-last: what turns a convolution into one matrix product. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout, permuted } from '../graph/stored.ts';
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
  const rows = { start: 0, end: geometry.output[0] };
  return columnsUnder(graph, paddedBatchLast(graph, x, geometry), { geometry, rows });
}

/** More don't stay in the processor's cache between the gather that writes them and the product that reads them. */
const mostNumbers = 2 ** 18;

/**
 * The same, cut along its columns: a part for every few rows of the output. A product that sums over the columns is up to twice
 * as fast over parts as over all at once (ONNX Runtime 1.30).
 */
export function imageColumnsInParts(graph: Graph, x: Value, geometry: Geometry): ColumnPart[] {
  const [batch, , , channels] = x.shape;
  const { kernel, output } = geometry;
  const padded = paddedBatchLast(graph, x, geometry);
  const numbersOfRow = channels * kernel[0] * kernel[1] * output[1] * batch;
  return spansOf(output[0], Math.ceil((output[0] * numbersOfRow) / mostNumbers)).map((rows) => ({
    matrix: columnsUnder(graph, padded, { geometry, rows }),
    columns: (rows.end - rows.start) * output[1] * batch,
  }));
}

export interface ColumnPart {
  /** `[in · kernel area, columns]` */
  readonly matrix: string;
  readonly columns: number;
}

/** Of about the same length. */
function spansOf(length: number, parts: number): Span[] {
  const step = Math.ceil(length / parts);
  const count = Math.ceil(length / step);
  return Array.from({ length: count }, (_, part) => ({ start: part * step, end: Math.min(length, (part + 1) * step) }));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface OutputRows {
  readonly geometry: Geometry;
  readonly rows: Span;
}

function columnsUnder(graph: Graph, padded: Value, outputRows: OutputRows): string {
  const [batch, height, width, channels] = padded.shape;
  const pixels = sizeOf(padded.shape) / batch;
  const list = reshaped(graph, inLayout(graph, padded, batchLast), {
    from: permuted(padded.shape, batchLast),
    to: [pixels, batch],
  });
  const indices = columnIndices(graph, channels, { height, width, ...outputRows });
  const gathered = graph.node('Gather', [list, indices], { axis: 0 });
  const { geometry, rows } = outputRows;
  const area = geometry.kernel[0] * geometry.kernel[1];
  const places = (rows.end - rows.start) * geometry.output[1];
  return reshaped(graph, gathered, {
    from: [channels * area * places, batch],
    to: [channels * area, places * batch],
  });
}

interface Pixels extends OutputRows {
  /** Of the image with its padding. */
  readonly height: number;
  readonly width: number;
}

/** For each channel, position in the kernel and place in the output: which pixel is there. */
function columnIndices(graph: Graph, channels: number, pixels: Pixels): string {
  return graph.shared(`columns ${channels} ${JSON.stringify(pixels)}`, () => {
    const own = pixelIndices(pixels);
    const area = pixels.height * pixels.width;
    const list = Array.from({ length: channels }, (_, channel) => own.map((pixel) => channel * area + pixel)).flat();
    return { type: 'int32', shape: [list.length], bytes: new Uint8Array(Int32Array.from(list).buffer) };
  });
}

/** In the first channel. */
function pixelIndices({ width, geometry, rows }: Pixels): number[] {
  const { kernel, output, strides, dilations } = geometry;
  const places = windowOffsets(output).filter(([top]) => top >= rows.start && top < rows.end);
  return windowOffsets(kernel).flatMap(([row, column]) =>
    places.map(([top, left]) => {
      const y = top * strides[0] + row * dilations[0];
      return y * width + left * strides[1] + column * dilations[1];
    }),
  );
}

/** x with its padding, so that it lies batch-last. */
export function paddedBatchLast(graph: Graph, x: Value, { before, after }: Geometry): Value {
  const lying = computed(graph, inLayout(graph, x, batchLast), { shape: x.shape, layout: batchLast });
  return padPixels(graph, lying, { before, after, value: 0 });
}
