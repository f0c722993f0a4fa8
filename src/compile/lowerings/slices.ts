/** Parts of a tensor, cut in the layout in which it lies. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { asItLies, constant, inverse, splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Lowerings, Unary } from './lowering.ts';
import { reshape } from './reshape.ts';

interface Cut {
  /** First index along each axis. */
  readonly begin: Shape;
  /** Number of elements along each axis. */
  readonly size: Shape;
  /** From one index to the next; may be negative. */
  readonly strides?: Shape;
}

export function slice(graph: Graph, x: Value, { begin, size, strides = size.map(() => 1) }: Cut): Value {
  if (x.kind === 'splat') return splat(x.value, size, x.dtype);
  if (size.includes(0)) return constant([], size, x.dtype); // the runtime's Slice dies of empty axes
  const cut = size.flatMap((length, axis) => (length === x.shape[axis] && strides[axis] === 1 ? [] : [axis]));
  if (cut.length === 0) return x;
  const source = asItLies(graph, x, cut);
  const positions = inverse(source.layout);
  const last = (axis: number) => begin[axis] + strides[axis] * size[axis];
  const end = (axis: number) => (last(axis) < 0 ? Number.MIN_SAFE_INTEGER : last(axis)); // −1 would count from the end
  const lists = [begin, cut.map(end), positions, strides].map((list, i) =>
    i === 1 ? list : cut.map((axis) => list[axis]),
  );
  const name = graph.node('Slice', [source.name, ...lists.map((list) => graph.ints(list))]);
  const extent = source.extent.map((length, axis) => (cut.includes(axis) ? size[axis] : length));
  return { ...source, name, shape: [...size], extent };
}

/** `length` elements from `start` on along one axis. */
export function sliceAxis(
  graph: Graph,
  x: Value,
  { axis, start, length }: { axis: number; start: number; length: number },
): Value {
  const begin = x.shape.map((_, other) => (other === axis ? start : 0));
  return slice(graph, x, { begin, size: x.shape.with(axis, length) });
}

export interface StridedSlice {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

function stridedSlice(graph: Graph, x: Value, attributes: StridedSlice): Value {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const info = tf.slice_util.sliceInfo(
    [...x.shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  const size = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
  const part = slice(graph, x, { begin: info.begin, size, strides: info.strides });
  return reshape(graph, part, info.finalShape);
}

function reverse(graph: Graph, x: Value, dims: number | number[]): Value {
  const axes = tf.util.parseAxisParam(dims, [...x.shape]);
  if (x.shape.length === 0) return x;
  const turned = (axis: number) => axes.includes(axis);
  const begin = x.shape.map((size, axis) => (turned(axis) ? size - 1 : 0));
  return slice(graph, x, { begin, size: x.shape, strides: x.shape.map((_, axis) => (turned(axis) ? -1 : 1)) });
}

function unpack(graph: Graph, value: Value, axis: number): Value[] {
  const [along] = tf.util.parseAxisParam(axis, [...value.shape]);
  return Array.from({ length: value.shape[along] }, (_, start) =>
    reshape(graph, sliceAxis(graph, value, { axis: along, start, length: 1 }), value.shape.toSpliced(along, 1)),
  );
}

function split(graph: Graph, x: Value, { parts, axis }: { parts: number[] | number; axis: number }): Value[] {
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  const lengths = tf.backend_util.prepareSplitSize({ shape: x.shape } as never, parts, along);
  if (x.kind === 'splat') return lengths.map((length) => splat(x.value, x.shape.with(along, length), x.dtype));
  if (lengths.length === 1) return [x];
  const source = asItLies(graph, x, [along]);
  const how = { attributes: { axis: inverse(source.layout)[along] }, outputs: lengths.length };
  const names = graph.nodeWithOutputs('Split', [source.name, graph.ints(lengths)], how);
  return lengths.map((length, part) => ({
    ...source,
    name: names[part],
    shape: x.shape.with(along, length),
    extent: source.extent.with(along, length),
  }));
}

export const slices = {
  Reverse: (graph, { x }: Unary, { dims }: { dims: number | number[] }) => reverse(graph, x, dims),
  Slice: (graph, { x }: Unary, { begin, size }: { begin: number[]; size: number[] }) => {
    const [from, lengths] = tf.slice_util.parseSliceParams({ shape: [...x.shape] } as never, begin, size);
    return slice(graph, x, { begin: from, size: lengths });
  },
  SplitV: (graph, { x }: Unary, { numOrSizeSplits, axis }: { numOrSizeSplits: number[] | number; axis: number }) =>
    split(graph, x, { parts: numOrSizeSplits, axis }),
  StridedSlice: (graph, { x }: Unary, attributes: StridedSlice) => stridedSlice(graph, x, attributes),
  Unpack: (graph, { value }: { value: Value }, { axis }: { axis: number }) => unpack(graph, value, axis),
} satisfies Lowerings;
