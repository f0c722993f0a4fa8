/** Kernels that read or write at indices. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Dtype, Graph } from '../graph/graph.ts';
import { asItLies, computed, constant, identity, inverse, plain, splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import { cast, combine, map } from './broadcasting.ts';
import type { Lowerings } from './lowering.ts';
import { product } from './matmul.ts';
import { reshape } from './reshape.ts';

const int64 = 7;

interface Gather {
  readonly x: Value;
  readonly indices: Value;
}

function gather(graph: Graph, { x, indices }: Gather, { axis, batchDims }: { axis: number; batchDims: number }): Value {
  if (batchDims) throw new Error('batchDims other than 0 is not supported');
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  const shape = x.shape.toSpliced(along, 1, ...indices.shape);
  if (indices.shape.length !== 1) {
    return computed(graph, graph.node('Gather', [plain(graph, x), plain(graph, indices)], { axis: along }), {
      shape,
      dtype: x.dtype,
    });
  }
  const source = asItLies(graph, x, [along]);
  const name = graph.node('Gather', [source.name, plain(graph, indices)], { axis: inverse(source.layout)[along] });
  return { ...source, name, shape, extent: source.extent.with(along, shape[along]) };
}

function gatherNd(graph: Graph, { params, indices }: { params: Value; indices: Value }): Value {
  const depth = indices.shape.at(-1) ?? 0;
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  return computed(graph, graph.node('GatherND', [plain(graph, params), wideIndices(graph, indices)]), {
    shape,
    dtype: params.dtype,
  });
}

/** Sums where an index comes twice. */
function scatterNd(graph: Graph, { indices, updates }: { indices: Value; updates: Value }, shape: number[]): Value {
  const zeros = plain(graph, splat(0, shape, updates.dtype));
  const inputs = [zeros, wideIndices(graph, indices), plain(graph, updates)];
  return computed(graph, graph.node('ScatterND', inputs, { reduction: 'add' }), { shape, dtype: updates.dtype });
}

function wideIndices(graph: Graph, indices: Value): string {
  return graph.node('Cast', [plain(graph, indices)], { to: int64 });
}

interface OneHot {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype?: Dtype;
}

function oneHot(graph: Graph, indices: Value, { depth, onValue, offValue, dtype = 'float32' }: OneHot): Value {
  const hot = isClass(graph, reshape(graph, indices, [...indices.shape, 1]), depth);
  const numbers = dtype === 'bool' ? 'int32' : dtype; // the runtime's Where takes no booleans
  const chosen = combine(graph, 'Where', [hot, splat(onValue, [], numbers), splat(offValue, [], numbers)], numbers);
  return cast(graph, chosen, dtype);
}

function isClass(graph: Graph, indices: Value, depth: number): Value {
  const classes = constant(identity(depth), [depth], 'int32');
  return combine(graph, 'Equal', [cast(graph, indices, 'int32'), classes], 'bool');
}

/** Row s of the result is the sum of the rows whose segment is s. */
function segmentSum(graph: Graph, { x, segmentIds }: { x: Value; segmentIds: Value }, segments: number): Value {
  const rows = sizeOf(segmentIds.shape);
  const rest = x.shape.slice(segmentIds.shape.length);
  const member = map(graph, 'Cast', {
    x: isClass(graph, reshape(graph, segmentIds, [rows, 1]), segments),
    dtype: 'float32',
    attributes: { to: 1 },
  });
  const flat = cast(graph, reshape(graph, x, [rows, sizeOf(rest)]), 'float32');
  const sums = product(graph, member, flat, { transposeA: true, transposeB: false });
  return cast(graph, reshape(graph, sums, [segments, ...rest]), x.dtype);
}

export const gathers = {
  GatherNd: gatherNd,
  GatherV2: gather,
  OneHot: (graph, { indices }: { indices: Value }, attributes: OneHot) => oneHot(graph, indices, attributes),
  ScatterNd: (graph, inputs: { indices: Value; updates: Value }, { shape }: { shape: number[] }) =>
    scatterNd(graph, inputs, shape),
  UnsortedSegmentSum: (graph, inputs: { x: Value; segmentIds: Value }, { numSegments }: { numSegments: number }) =>
    segmentSum(graph, inputs, numSegments),
} satisfies Lowerings;
