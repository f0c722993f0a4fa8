/**
 * Resizing of images `[batch, height, width, channels]`. Every kind is one linear map of the rows and one of the columns, so
 * forward and gradient are products with two known matrices; enlarging pixels by whole factors has a shorter way.
 */

import type { Graph } from '../graph/graph.ts';
import { constant } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { takeAxis } from './joins.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { product } from './matmul.ts';
import { reduce } from './reductions.ts';
import { reshape, transpose } from './reshape.ts';

interface Resize {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: readonly [number, number];
}

type Weights = readonly (readonly [source: number, weight: number])[];
/** For each new row (or column) the old ones that it is made of. */
type Interpolation = (from: number, to: number, attributes: Resize) => readonly Weights[];

const nearest: Interpolation = (from, to, { alignCorners, halfPixelCenters }) =>
  Array.from({ length: to }, (_, index) => {
    const position = ratio(from, to, alignCorners) * (halfPixelCenters ? index + 0.5 : index);
    return [[Math.min(from - 1, alignCorners ? Math.round(position) : Math.floor(position)), 1]];
  });

const bilinear: Interpolation = (from, to, { alignCorners, halfPixelCenters }) =>
  Array.from({ length: to }, (_, index) => {
    const scale = ratio(from, to, alignCorners);
    const position = halfPixelCenters ? scale * (index + 0.5) - 0.5 : scale * index;
    const low = Math.max(0, Math.floor(position));
    const high = Math.min(from - 1, Math.ceil(position));
    return [
      [low, 1 - (position - low)],
      [high, position - low],
    ];
  });

function ratio(from: number, to: number, alignCorners: boolean): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** `[to, from]` */
function matrixOf(weights: readonly Weights[], from: number): Value {
  const values = new Float32Array(weights.length * from);
  weights.forEach((row, index) => {
    for (const [source, weight] of row) values[index * from + source] += weight;
  });
  return constant(values, [weights.length, from]);
}

const forward =
  (interpolation: Interpolation): Lowering<{ images: Value }, Resize> =>
  (graph, { images }, attributes) => {
    const [, height, width] = images.shape;
    const [newHeight, newWidth] = attributes.size;
    const rows = interpolation(height, newHeight, attributes);
    const columns = interpolation(width, newWidth, attributes);
    return along(graph, along(graph, images, { axis: 1, weights: rows }), { axis: 2, weights: columns });
  };

/** One axis of an image resized. */
function along(graph: Graph, image: Value, { axis, weights }: { axis: 1 | 2; weights: readonly Weights[] }): Value {
  if (weights.every((row) => row.length === 1)) {
    return takeAxis(graph, image, { axis, indices: weights.map(([[source]]) => source) });
  }
  return matrixAlong(graph, image, { axis, matrix: matrixOf(weights, image.shape[axis]), transposed: false });
}

function matrixAlong(
  graph: Graph,
  image: Value,
  { axis, matrix, transposed }: { axis: 1 | 2; matrix: Value; transposed: boolean },
): Value {
  const channelsFirst = transpose(graph, image, [0, 3, 1, 2]);
  const result =
    axis === 1
      ? product(graph, matrix, channelsFirst, { transposeA: transposed, transposeB: false })
      : product(graph, channelsFirst, matrix, { transposeA: false, transposeB: !transposed });
  return transpose(graph, result, [0, 2, 3, 1]);
}

const backward =
  (interpolation: Interpolation): Lowering<{ dy: Value; images: Value }, Resize> =>
  (graph, { dy, images }, attributes) =>
    ([1, 2] as const).reduce<Value>((gradient, axis) => {
      const weights = interpolation(images.shape[axis], dy.shape[axis], attributes);
      const factor = wholeFactor(weights, images.shape[axis]);
      if (factor) return summedBlocks(graph, gradient, { axis, factor });
      const matrix = matrixOf(weights, images.shape[axis]);
      return matrixAlong(graph, gradient, { axis, matrix, transposed: true });
    }, dy);

/** How often each old row is repeated, where that is all. */
function wholeFactor(weights: readonly Weights[], from: number): number | undefined {
  const factor = weights.length / from;
  const repeats = weights.every((row, index) => row.length === 1 && row[0][0] === Math.floor(index / factor));
  return Number.isInteger(factor) && repeats ? factor : undefined;
}

function summedBlocks(graph: Graph, dy: Value, { axis, factor }: { axis: 1 | 2; factor: number }): Value {
  const [batch, height, width, channels] = dy.shape;
  const first = transpose(graph, dy, [0, 3, 1, 2]);
  const blocks =
    axis === 1
      ? reshape(graph, first, [batch, channels, height / factor, factor, width])
      : reshape(graph, first, [batch, channels, height, width / factor, factor]);
  const sums = reduce(graph, 'ReduceSum', { x: blocks, axes: [axis === 1 ? 3 : 4], keepDims: false });
  return transpose(graph, sums, [0, 2, 3, 1]);
}

export const resize = {
  ResizeBilinear: forward(bilinear),
  ResizeBilinearGrad: backward(bilinear),
  ResizeNearestNeighbor: forward(nearest),
  ResizeNearestNeighborGrad: backward(nearest),
} satisfies Lowerings;
