/** Where a value's numbers lie, and how to get them in the order and the fullness that a node needs. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Dtype, Graph } from './graph.ts';
import type { Computed, Constant, Layout, Splat, Value } from './value.ts';

/** The axes as they are: row-major order. */
export function identity(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function inverse(layout: Layout): number[] {
  const positions = identity(layout.length);
  layout.forEach((axis, position) => {
    positions[axis] = position;
  });
  return positions;
}

export function permuted<T>(list: readonly T[], layout: Layout): T[] {
  return layout.map((axis) => list[axis]);
}

/** A node's result that is stored in row-major order and in full, unless said otherwise. */
export function computed(
  graph: Graph,
  name: string,
  {
    shape,
    dtype = 'float32',
    layout = identity(shape.length),
    extent = shape,
  }: {
    shape: Shape;
    dtype?: Dtype;
    layout?: Layout;
    extent?: Shape;
  },
): Computed {
  return { kind: 'computed', shape: [...shape], dtype, graph, name, layout, extent };
}

export function splat(value: number, shape: Shape, dtype: Dtype = 'float32'): Splat {
  return { kind: 'splat', shape: [...shape], dtype, value };
}

/** The value in row-major order, in full. */
export function plain(graph: Graph, value: Value): string {
  return inLayout(graph, value, identity(value.shape.length));
}

/** The value with its axes in the order of `layout`, in full. */
export function inLayout(graph: Graph, value: Value, layout: Layout): string {
  const { name, extent } = stored(graph, value, layout);
  const full = permuted(value.shape, layout);
  return sameShape(extent, full) ? name : graph.node('Expand', [name, graph.ints(full)]);
}

/** The value with its axes in the order of `layout`, of size 1 where it repeats; `extent` in that order too. */
export function stored(graph: Graph, value: Value, layout: Layout): { name: string; extent: Shape } {
  const { name, layout: from, extent } = asComputed(graph, value);
  const target = permuted(extent, layout);
  return { name: transposed(graph, { name, from, extent }, layout), extent: target };
}

/** The value as a node's result: constants become initializers of this graph. */
export function asComputed(graph: Graph, value: Value): Computed {
  if (value.kind === 'constant') {
    return computed(graph, constantName(graph, value), { shape: value.shape, dtype: value.dtype });
  }
  if (value.kind === 'splat') {
    const extent = value.shape.map(() => 1);
    const name = reshaped(graph, graph.scalar(value.value, value.dtype), { from: [], to: extent });
    return computed(graph, name, { shape: value.shape, dtype: value.dtype, extent });
  }
  if (value.graph !== graph) {
    throw new Error('a tensor of another run of a compiled function was used; make it an input');
  }
  return value;
}

const constantNames = new WeakMap<Graph, WeakMap<Constant, string>>();

function constantName(graph: Graph, value: Constant): string {
  const names = constantNames.get(graph) ?? new WeakMap<Constant, string>();
  constantNames.set(graph, names);
  const name = names.get(value) ?? graph.constant(value.values, value.shape, value.dtype);
  names.set(value, name);
  return name;
}

export function reshaped(graph: Graph, name: string, { from, to }: { from: Shape; to: Shape }): string {
  return sameShape(from, to) ? name : graph.node('Reshape', [name, graph.ints(to)], { allowzero: 1 });
}

interface Placed {
  readonly name: string;
  readonly from: Layout;
  readonly extent: Shape;
}

function transposed(graph: Graph, { name, from, extent }: Placed, to: Layout): string {
  if (sameShape(from, to)) return name;
  const before = permuted(extent, from);
  const after = permuted(extent, to);
  if (
    sizeOf(extent) > 0 &&
    sameShape(
      from.filter((axis) => extent[axis] !== 1),
      to.filter((axis) => extent[axis] !== 1),
    )
  ) {
    return reshaped(graph, name, { from: before, to: after }); // only axes of size 1 move
  }
  const positions = inverse(from);
  return graph.node('Transpose', [name], { perm: to.map((axis) => positions[axis]) });
}
