/** Kernels that move elements without computing. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Dtype, Graph } from '../graph/graph.ts';
import { computed, plain, reshaped, splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Lowerings, Unary } from './lowering.ts';

export function reshape(graph: Graph, value: Value, shape: Shape): Value {
  if (value.kind === 'splat') return splat(value.value, shape, value.dtype);
  const name = reshaped(graph, plain(graph, value), { from: value.shape, to: shape });
  return computed(graph, name, { shape, dtype: value.dtype });
}

export function transpose(graph: Graph, value: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => value.shape[axis]);
  return computed(graph, graph.node('Transpose', [plain(graph, value)], { perm }), { shape, dtype: value.dtype });
}

export function slice(graph: Graph, value: Value, { begin, size }: { begin: Shape; size: Shape }): Value {
  const end = begin.map((start, axis) => start + size[axis]);
  const axes = begin.map((_, axis) => axis);
  const name = graph.node('Slice', [plain(graph, value), graph.ints(begin), graph.ints(end), graph.ints(axes)]);
  return computed(graph, name, { shape: size, dtype: value.dtype });
}

type List = Readonly<Record<string, Value>>;

export const shapes = {
  Identity: (_, { x }: Unary) => x,
  Reshape: (graph, { x }: Unary, { shape }: { shape: number[] }) =>
    reshape(graph, x, tf.util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  ExpandDims: (graph, { input }: { input: Value }, { dim }: { dim: number }) => {
    const shape = [...input.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return reshape(graph, input, shape);
  },
  Transpose: (graph, { x }: Unary, { perm }: { perm: number[] }) => transpose(graph, x, perm),
  Slice: (graph, { x }: Unary, { begin, size }: { begin: number[]; size: number[] }) => {
    const parsed = tf.slice_util.parseSliceParams({ shape: [...x.shape] } as never, begin, size);
    return slice(graph, x, { begin: parsed[0], size: parsed[1] });
  },
  PadV2: (
    graph,
    { x }: Unary,
    { paddings, constantValue }: { paddings: [number, number][]; constantValue: number },
  ) => {
    const shape = x.shape.map((size, axis) => size + paddings[axis][0] + paddings[axis][1]);
    const pads = graph.ints([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    const name = graph.node('Pad', [plain(graph, x), pads, graph.scalar(constantValue, x.dtype)]);
    return computed(graph, name, { shape, dtype: x.dtype });
  },
  Concat: (graph, inputs: List, { axis }: { axis: number }) => {
    const values = Object.values(inputs);
    const along = tf.util.parseAxisParam(axis, [...values[0].shape])[0];
    const shape = tf.backend_util.computeOutShape(
      values.map((value) => [...value.shape]),
      along,
    );
    const name = graph.node(
      'Concat',
      values.map((value) => plain(graph, value)),
      { axis: along },
    );
    return computed(graph, name, { shape, dtype: values[0].dtype });
  },
  Pack: (graph, inputs: List, { axis }: { axis: number }) => {
    const values = Object.values(inputs);
    const along = axis < 0 ? axis + values[0].shape.length + 1 : axis;
    const wide = values.map((value) => plain(graph, reshape(graph, value, value.shape.toSpliced(along, 0, 1))));
    const shape = values[0].shape.toSpliced(along, 0, values.length);
    return computed(graph, graph.node('Concat', wide, { axis: along }), { shape, dtype: values[0].dtype });
  },
  Unpack: (graph, { value }: { value: Value }, { axis }: { axis: number }) => {
    const along = tf.util.parseAxisParam(axis, [...value.shape])[0];
    return Array.from({ length: value.shape[along] }, (_, index) => {
      const begin = value.shape.map((_, i) => (i === along ? index : 0));
      const size = value.shape.map((length, i) => (i === along ? 1 : length));
      return reshape(graph, slice(graph, value, { begin, size }), value.shape.toSpliced(along, 1));
    });
  },
  SplitV: (graph, { x }: Unary, { numOrSizeSplits, axis }: { numOrSizeSplits: number[] | number; axis: number }) => {
    const along = tf.util.parseAxisParam(axis, [...x.shape])[0];
    const sizes = tf.backend_util.prepareSplitSize({ shape: x.shape } as never, numOrSizeSplits, along);
    let start = 0;
    return sizes.map((length) => {
      const begin = x.shape.map((_, i) => (i === along ? start : 0));
      start += length;
      return slice(graph, x, { begin, size: x.shape.map((full, i) => (i === along ? length : full)) });
    });
  },
  Tile: (graph, { x }: Unary, { reps }: { reps: number[] }) =>
    computed(graph, graph.node('Tile', [plain(graph, x), graph.ints(reps)]), {
      shape: x.shape.map((size, axis) => size * reps[axis]),
      dtype: x.dtype,
    }),
  GatherV2: (
    graph,
    { x, indices }: { x: Value; indices: Value },
    { axis, batchDims }: { axis: number; batchDims: number },
  ) => {
    if (batchDims) throw new Error('gather with batchDims is not supported');
    const along = tf.util.parseAxisParam(axis, [...x.shape])[0];
    const shape = x.shape.toSpliced(along, 1, ...indices.shape);
    const name = graph.node('Gather', [plain(graph, x), plain(graph, indices)], { axis: along });
    return computed(graph, name, { shape, dtype: x.dtype });
  },
  Fill: (_, __: unknown, { shape, value, dtype }: { shape: number[]; value: number; dtype: Dtype }) =>
    splat(value, shape, dtype ?? 'float32'),
  ZerosLike: (_, { x }: Unary) => splat(0, x.shape, x.dtype),
  OnesLike: (_, { x }: Unary) => splat(1, x.shape, x.dtype),
} satisfies Lowerings;
