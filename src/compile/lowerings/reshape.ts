/** The same numbers under another shape. Transposing moves nothing: it only says in which order the axes lie. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { asComputed, computed, inverse, permuted, plain, splat } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Lowerings, Unary } from './lowering.ts';

export function reshape(graph: Graph, x: Value, shape: Shape): Value {
  if (x.kind === 'splat') return splat(x.value, shape, x.dtype);
  const source = asComputed(graph, x);
  const kept = source.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  const target = shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  const sameButOnes = kept.length === target.length && kept.every((axis, i) => source.shape[axis] === shape[target[i]]);
  if (sameButOnes && !shape.includes(0)) return withoutMoving(graph, source, { shape, kept, target });
  const parts = partsOf(source.shape, shape);
  if (parts) return split(graph, source, { shape, parts });
  const joint = partsOf(shape, source.shape);
  if (joint?.every((axes) => liesTogether(source, axes))) return join(graph, source, { shape, parts: joint });
  const name = reshaped(graph, plain(graph, source), { from: source.shape, to: shape });
  return computed(graph, name, { shape, dtype: x.dtype });
}

/** Of each axis the new ones that it is split into; `undefined` where axes are joined. */
function partsOf(from: Shape, to: Shape): number[][] | undefined {
  if (from.length === 0 || from.includes(0)) return undefined;
  let next = 0;
  const parts = from.map((size) => {
    const part: number[] = [];
    for (let product = 1; product < size && next < to.length; next += 1) {
      product *= to[next];
      part.push(next);
    }
    return part;
  });
  while (next < to.length) parts[parts.length - 1].push(next++); // axes of size 1
  const isSplit = parts.every((part, axis) => sizeOf(part.map((i) => to[i])) === from[axis]);
  return isSplit ? parts : undefined;
}

/** Each axis becomes several where it lies. */
function split(
  graph: Graph,
  source: Computed,
  { shape, parts }: { shape: Shape; parts: readonly (readonly number[])[] },
): Computed {
  const layout = source.layout.flatMap((axis) => parts[axis]);
  const extent = shape.map(() => 1);
  parts.forEach((part, axis) => {
    for (const i of part) extent[i] = source.extent[axis] === source.shape[axis] ? shape[i] : 1;
  });
  const from = permuted(source.extent, source.layout);
  const name = reshaped(graph, source.name, { from, to: permuted(extent, layout) });
  return computed(graph, name, { shape, dtype: source.dtype, layout, extent });
}

/** Whether axes that are to become one lie side by side, in their order and in full. */
function liesTogether({ layout, shape, extent }: Computed, axes: readonly number[]): boolean {
  const first = layout.indexOf(axes[0] ?? 0);
  return axes.every((axis, i) => layout[first + i] === axis && (axes.length === 1 || extent[axis] === shape[axis]));
}

/** The adjoint of `split`: several axes become one where they lie. */
function join(
  graph: Graph,
  source: Computed,
  { shape, parts }: { shape: Shape; parts: readonly (readonly number[])[] },
): Computed {
  const order = source.layout.flatMap((axis) => {
    const target = parts.findIndex((part, i) => part[0] === axis && shape[i] !== 1);
    return target < 0 ? [] : [target];
  });
  const layout = withOnes(order, shape);
  const extent = parts.map((part) => sizeOf(permuted(source.extent, part)));
  const from = permuted(source.extent, source.layout);
  const name = reshaped(graph, source.name, { from, to: permuted(extent, layout) });
  return computed(graph, name, { shape, dtype: source.dtype, layout, extent });
}

/** Only axes of size 1 come and go: the others keep their order in storage, and their repetitions. */
function withoutMoving(
  graph: Graph,
  source: Computed,
  { shape, kept, target }: { shape: Shape; kept: readonly number[]; target: readonly number[] },
): Computed {
  const order = source.layout.flatMap((axis) => (kept.includes(axis) ? [target[kept.indexOf(axis)]] : []));
  const layout = withOnes(order, shape);
  const extent = shape.map((_, axis) => (target.includes(axis) ? source.extent[kept[target.indexOf(axis)]] : 1));
  const from = permuted(source.extent, source.layout);
  const name = reshaped(graph, source.name, { from, to: permuted(extent, layout) });
  return computed(graph, name, { shape, dtype: source.dtype, layout, extent });
}

/** Each axis of size 1 lies right behind the axis before it. */
function withOnes(order: readonly number[], shape: Shape): number[] {
  const layout = [...order];
  shape.forEach((size, axis) => {
    if (size === 1) layout.splice(layout.indexOf(axis - 1) + 1, 0, axis);
  });
  return layout;
}

export function transpose(graph: Graph, x: Value, perm: readonly number[]): Value {
  const shape = permuted(x.shape, perm);
  if (x.kind === 'splat') return splat(x.value, shape, x.dtype);
  const source = asComputed(graph, x);
  const layout = permuted(inverse(perm), source.layout);
  return { ...source, shape, layout, extent: permuted(source.extent, perm) };
}

/** In `[batch, height, width, channels]`: blocks of channels become blocks of pixels. */
function depthToSpace(graph: Graph, x: Value, block: number): Value {
  const [batch, height, width, channels] = x.shape;
  const depth = channels / block ** 2;
  const blocks = reshape(graph, x, [batch, height, width, block, block, depth]);
  const pixels = transpose(graph, blocks, [0, 1, 3, 2, 4, 5]);
  return reshape(graph, pixels, [batch, height * block, width * block, depth]);
}

export const reshapes = {
  DepthToSpace: (graph, { x }: Unary, { blockSize }: { blockSize: number }) => depthToSpace(graph, x, blockSize),
  ExpandDims: (graph, { input }: { input: Value }, { dim }: { dim: number }) =>
    reshape(graph, input, input.shape.toSpliced(dim < 0 ? dim + input.shape.length + 1 : dim, 0, 1)),
  Identity: (_, { x }: Unary) => x,
  Reshape: (graph, { x }: Unary, { shape }: { shape: number[] }) =>
    reshape(graph, x, tf.util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  Transpose: (graph, { x }: Unary, { perm }: { perm: number[] }) => transpose(graph, x, perm),
} satisfies Lowerings;
