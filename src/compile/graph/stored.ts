/** Where a value's numbers lie, and how to get them in the order and the fullness that a node needs. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Dtype, Graph } from './graph.ts';
import { perGraph } from './per-graph.ts';
import { reshaped } from './reshaped.ts';
import type { Computed, Constant, Layout, Splat, Value } from './value.ts';

/** The axes as they are: row-major order. */
export function identity(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** At which position of the layout each axis stands. */
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

interface Storage {
  readonly shape: Shape;
  readonly dtype?: Dtype;
  readonly layout?: Layout;
  readonly extent?: Shape;
}

/** A node's result: float32, in row-major order and in full, unless said otherwise. */
export function computed(graph: Graph, name: string, storage: Storage): Computed {
  const { shape, dtype = 'float32', layout = identity(shape.length), extent = shape } = storage;
  graph.numbers += sizeOf(extent);
  if (dtype === 'float32') graph.shapes.set(name, permuted(extent, layout));
  return { kind: 'computed', shape: [...shape], dtype, graph, name, layout, extent };
}

export function splat(value: number, shape: Shape, dtype: Dtype = 'float32'): Splat {
  return { kind: 'splat', shape: [...shape], dtype, value };
}

export function constant(values: ArrayLike<number>, shape: Shape, dtype: Dtype = 'float32'): Constant {
  return { kind: 'constant', shape: [...shape], dtype, values };
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

/** The value in the order in which it lies, and that order; in full along `axes` (default: all). */
export function asItLies(graph: Graph, value: Value, axes: readonly number[] = identity(value.shape.length)): Computed {
  const source = asComputed(graph, value);
  const extent = source.extent.map((size, axis) => (axes.includes(axis) ? source.shape[axis] : size));
  if (sameShape(extent, source.extent)) return source;
  const name = graph.node('Expand', [source.name, graph.ints(permuted(extent, source.layout))]);
  return { ...source, name, extent };
}

/** The value with its axes in the order of `layout`, of size 1 where it repeats; `extent` in that order too. */
export function stored(graph: Graph, value: Value, layout: Layout): { name: string; extent: Shape } {
  const source = asComputed(graph, value);
  const name = transposed(graph, source, layout);
  const extent = permuted(source.extent, layout);
  if (source.dtype === 'float32') graph.shapes.set(name, extent);
  return { name, extent };
}

/** The value as a node's result: constants become initializers of this graph. */
export function asComputed(graph: Graph, value: Value): Computed {
  if (value.kind === 'constant') {
    return computed(graph, constantName(graph, value), { shape: value.shape, dtype: value.dtype });
  }
  if (value.kind === 'splat') return asComputedSplat(graph, value);
  if (value.graph !== graph) {
    throw new Error('a tensor of another run of a compiled function is used; make it an input');
  }
  return value;
}

function asComputedSplat(graph: Graph, { value, shape, dtype }: Splat): Computed {
  const extent = shape.map((size) => Math.min(size, 1));
  if (extent.includes(0)) return computed(graph, graph.constant([], shape, dtype), { shape, dtype });
  const name = reshaped(graph, graph.scalar(value, dtype), { from: [], to: extent });
  return computed(graph, name, { shape, dtype, extent });
}

const constantNames = perGraph(() => new WeakMap<Constant, string>());

function constantName(graph: Graph, value: Constant): string {
  const names = constantNames(graph);
  const name = names.get(value) ?? graph.constant(value.values, value.shape, value.dtype);
  names.set(value, name);
  return name;
}

/** The stored numbers in another order of axes. */
function transposed(graph: Graph, { name, layout: from, extent }: Computed, to: Layout): string {
  if (sameShape(from, to)) return name;
  const counts = (axis: number) => extent[axis] !== 1;
  if (sameShape(from.filter(counts), to.filter(counts))) {
    return reshaped(graph, name, { from: permuted(extent, from), to: permuted(extent, to) }); // only axes of size 1 move
  }
  return sizeOf(extent) < manyElements
    ? turned(graph, { name, from, to })
    : turnedInBlocks(graph, { name, from, to, extent });
}

/** From here on the runtime gains more from few axes than it loses by more nodes. */
const manyElements = 2048;

interface Turn {
  readonly name: string;
  readonly from: Layout;
  readonly to: Layout;
}

function turned(graph: Graph, { name, from, to }: Turn): string {
  const positions = inverse(from);
  return graph.node('Transpose', [name], { perm: to.map((axis) => positions[axis]) });
}

/** Axes that stay together are turned as one; those of size 1 not at all. */
function turnedInBlocks(graph: Graph, { name, from, to, extent }: Turn & { readonly extent: Shape }): string {
  const blocks = blocksOf({ from, to, extent });
  const source = from.filter((axis) => extent[axis] !== 1);
  const places = identity(blocks.length).sort((a, b) => source.indexOf(blocks[a][0]) - source.indexOf(blocks[b][0]));
  if (sameShape(places, [2, 1, 0])) return reversed(graph, { name, from, to, extent }, blocks);
  const sizes = blocks.map((block) => sizeOf(permuted(extent, block)));
  if (sameShape(places, [0, 2, 1, 3]) && hasShortRows(sizes))
    return rowsTurned(graph, { name, from, to, extent }, sizes);
  if (blocks.length === from.length) return turned(graph, { name, from, to });
  const merged = reshaped(graph, name, { from: permuted(extent, from), to: permuted(sizes, places) });
  const moved = turned(graph, { name: merged, from: places, to: identity(blocks.length) });
  return reshaped(graph, moved, { from: sizes, to: permuted(extent, to) });
}

/**
 * Three blocks of axes in the opposite order (filters are turned so) by two turns that each exchange two neighbours: the runtime has
 * fast code for matrices only.
 */
function reversed(
  graph: Graph,
  { name, from, to, extent }: Turn & { readonly extent: Shape },
  [last, middle, first]: readonly (readonly number[])[],
): string {
  const rows = sizeOf(permuted(extent, first));
  const ones = from.filter((axis) => extent[axis] === 1);
  const between = [...ones, ...first, ...last, ...middle];
  const inner = turned(graph, { name, from, to: between });
  const matrix = reshaped(graph, inner, { from: permuted(extent, between), to: [rows, sizeOf(extent) / rows] });
  const outer = graph.node('Transpose', [matrix], { perm: [1, 0] });
  return reshaped(graph, outer, { from: [sizeOf(extent) / rows, rows], to: permuted(extent, to) });
}

/** Of so many numbers, a row is copied faster by a gather than by the runtime's transpose under leading axes. */
function hasShortRows([, b, a, row]: Shape): boolean {
  return row >= 8 && row <= 32 && a * b <= mostRows;
}

/** The graph holds an index for each. */
const mostRows = 2 ** 14;

/** Matrices of rows, each turned: `[count, a, b, row]` to `[count, b, a, row]`. */
function rowsTurned(
  graph: Graph,
  { name, from, to, extent }: Turn & { readonly extent: Shape },
  [count, b, a, row]: Shape,
): string {
  const merged = reshaped(graph, name, { from: permuted(extent, from), to: [count, a * b, row] });
  const indices = identity(a * b).map((place) => (place % a) * b + Math.floor(place / a));
  const moved = graph.node('Gather', [merged, graph.ints(indices)], { axis: 1 });
  return reshaped(graph, moved, { from: [count, a * b, row], to: permuted(extent, to) });
}

/** The axes in their new order, joined where they stand together before and after. */
function blocksOf({ from, to, extent }: Omit<Turn, 'name'> & { readonly extent: Shape }): number[][] {
  const source = from.filter((axis) => extent[axis] !== 1);
  const blocks: number[][] = [];
  for (const axis of to.filter((other) => extent[other] !== 1)) {
    const last = blocks.at(-1);
    const follows = last && source.indexOf(axis) === source.indexOf(last[last.length - 1]) + 1;
    if (follows) last.push(axis);
    else blocks.push([axis]);
  }
  return blocks;
}
