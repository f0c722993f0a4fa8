/** Kernels that put tensors together, repeat them or surround them. */

import type { Graph } from '../graph/graph.ts';
import { asComputed, asItLies, computed, inLayout, inverse, permuted, plain } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Geometry } from './geometry.ts';
import type { Lowerings, Unary } from './lowering.ts';
import { reshape } from './reshape.ts';

type List = Readonly<Record<string, Value>>;
type Paddings = readonly (readonly [before: number, after: number])[];

export function concat(graph: Graph, values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (values.length === 1) return first;
  const layout = values.find((value) => value.kind === 'computed')?.layout ?? first.shape.map((_, i) => i);
  const shapes = values.map((value) => [...value.shape]);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  const names = values.map((value) => inLayout(graph, value, layout as Layout));
  const name = graph.node('Concat', names, { axis: layout.indexOf(axis) });
  return computed(graph, name, { shape: tf.backend_util.computeOutShape(shapes, axis), dtype: first.dtype, layout });
}

export function pack(graph: Graph, values: readonly Value[], axis: number): Value {
  const along = axis < 0 ? axis + values[0].shape.length + 1 : axis;
  return concat(
    graph,
    values.map((value) => reshape(graph, value, value.shape.toSpliced(along, 0, 1))),
    along,
  );
}

export function pad(graph: Graph, x: Value, { paddings, value }: { paddings: Paddings; value: number }): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const source = asItLies(graph, x);
  const ordered = permuted(paddings, source.layout);
  const amounts = graph.ints([...ordered.map(([before]) => before), ...ordered.map(([, after]) => after)]);
  const name = graph.node('Pad', [source.name, amounts, graph.scalar(value, x.dtype)]);
  const shape = x.shape.map((size, axis) => size + paddings[axis][0] + paddings[axis][1]);
  return computed(graph, name, { shape, dtype: x.dtype, layout: source.layout });
}

/** Surrounds the pixels of images `[batch, height, width, channels]`. */
export function padPixels(
  graph: Graph,
  images: Value,
  { before, after, value }: Pick<Geometry, 'before' | 'after'> & { readonly value: number },
): Value {
  const pixels = [0, 1].map((axis) => [before[axis], after[axis]] as const);
  return pad(graph, images, { paddings: [[0, 0], ...pixels, [0, 0]], value });
}

/** Surrounds with the mirror image; `symmetric` repeats the edge itself too. */
function mirrorPad(graph: Graph, x: Value, { paddings, offset }: { paddings: Paddings; offset: 0 | 1 }): Value {
  return paddings.reduce<Value>((value, [before, after], axis) => {
    const length = value.shape[axis];
    const indices = Array.from({ length: before + length + after }, (_, i) => mirrored(i - before, length, offset));
    return takeAxis(graph, value, { axis, indices });
  }, x);
}

function mirrored(index: number, length: number, offset: 0 | 1): number {
  if (index < 0) return -index - 1 + offset;
  return index < length ? index : 2 * length - index - 1 - offset;
}

/** The entries at `indices` along one axis, in the layout in which the value lies. */
export function takeAxis(
  graph: Graph,
  x: Value,
  { axis, indices }: { axis: number; indices: readonly number[] },
): Value {
  if (indices.length === x.shape[axis] && indices.every((index, i) => index === i)) return x;
  const source = asItLies(graph, x, [axis]);
  const name = graph.node('Gather', [source.name, graph.ints(indices)], { axis: inverse(source.layout)[axis] });
  const extent = source.extent.with(axis, indices.length);
  return { ...source, name, shape: x.shape.with(axis, indices.length), extent };
}

/** Along an axis of size 1 nothing is copied: the value just repeats. */
export function tile(graph: Graph, x: Value, reps: readonly number[]): Value {
  const shape = x.shape.map((size, axis) => size * reps[axis]);
  if (x.kind === 'splat') return { ...x, shape };
  if (shape.includes(0) || x.shape.some((size, axis) => size !== 1 && reps[axis] !== 1)) {
    return computed(graph, graph.node('Tile', [plain(graph, x), graph.ints(reps)]), { shape, dtype: x.dtype });
  }
  return { ...asComputed(graph, x), shape };
}

export const joins = {
  Concat: (graph, inputs: List, { axis }: { axis: number }) => {
    const values = Object.values(inputs);
    return concat(graph, values, tf.util.parseAxisParam(axis, [...values[0].shape])[0]);
  },
  MirrorPad: (graph, { x }: Unary, { paddings, mode }: { paddings: Paddings; mode: 'reflect' | 'symmetric' }) =>
    mirrorPad(graph, x, { paddings, offset: mode === 'reflect' ? 1 : 0 }),
  Pack: (graph, inputs: List, { axis }: { axis: number }) => pack(graph, Object.values(inputs), axis),
  PadV2: (graph, { x }: Unary, { paddings, constantValue }: { paddings: Paddings; constantValue: number }) =>
    pad(graph, x, { paddings, value: constantValue }),
  Tile: (graph, { x }: Unary, { reps }: { reps: number[] }) => tile(graph, x, reps),
} satisfies Lowerings;
