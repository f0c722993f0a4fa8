/** Nodes that act on each element by itself: any layout is as good as another, and what repeats keeps repeating. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Attributes, Dtype, Graph } from '../graph/graph.ts';
import { reshaped, sourceOf } from '../graph/reshaped.ts';
import { asComputed, computed, identity, inverse, permuted, stored } from '../graph/stored.ts';
import type { Computed, Layout, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import { type Operands, withLongRows } from './long-rows.ts';
import { fusing, movedOnce } from './moved-once.ts';
import { jointConvolution } from './transposed-convolution.ts';

const onnxTypes = { float32: 1, int32: 6, bool: 9 } as const;

/** A node of one input. */
export function map(
  graph: Graph,
  op: string,
  { x, dtype = x.dtype, attributes = {} }: { x: Value; dtype?: Dtype; attributes?: Attributes },
): Value {
  const value = asComputed(graph, x);
  const source = sourceOf(graph, value.name);
  if (!source) return { ...value, dtype, name: graph.node(op, [value.name], attributes) };
  const to = permuted(value.extent, value.layout);
  const name = reshaped(graph, graph.node(op, [source.name], attributes), { from: source.shape, to });
  return { ...value, dtype, name };
}

/** A node of several inputs that broadcast against each other; its type is that of the first unless given. */
export function combine(graph: Graph, op: string, values: readonly Value[], dtype = values[0].dtype): Value {
  const shape = broadcastShape(values.map((value) => value.shape));
  const layout = commonLayout(values, shape.length);
  const parts = values.map((value) => operand(graph, value, layout));
  const stretched = broadcastShape(parts.map((part) => part.extent));
  const name = sumOfAlike(graph, op, parts) ?? combinedStored(graph, op, { parts, stretched });
  return computed(graph, name, { shape, dtype, layout, extent: permuted(stretched, inverse(layout)) });
}

/** Of two that were made in the same way, what that way makes of their sum. */
function sumOfAlike(graph: Graph, op: string, parts: readonly Operand[]): string | undefined {
  const [a, b] = parts;
  if ((op !== 'Add' && op !== 'Sub') || !sameShape(a.extent, b.extent)) return undefined;
  const terms = parts.map((part) => ({ name: part.name, shape: storedShape(part) }));
  const joint = op === 'Add' ? jointConvolution(graph, terms, a.extent) : undefined;
  return joint ?? movedOnce(graph, op, { terms, shape: a.extent });
}

function combinedStored(
  graph: Graph,
  op: string,
  { parts, stretched }: { parts: readonly Operand[]; stretched: Shape },
): string {
  const operands = beforeReshaping(graph, parts, stretched) ?? asTheyAre(parts, stretched);
  const { names, shape: from } = withLongRows(graph, operands);
  return reshaped(graph, graph.node(fusing(graph, op, names), names), { from, to: stretched });
}

/** Of operands that all lack axes of size 1, the result lacks them too. */
function asTheyAre(parts: readonly Operand[], stretched: Shape): Operands {
  const rank = Math.max(...parts.map((part) => part.rank));
  return {
    names: parts.map((part) => part.name),
    shapes: parts.map(storedShape),
    shape: stretched.slice(stretched.length - rank),
  };
}

/**
 * Operands that were all reshaped from one shape are combined in that shape, and the result is reshaped: so a bias meets the rows
 * of a matrix product, which the runtime adds while multiplying, and what goes back to rows is not reshaped at all.
 */
function beforeReshaping(graph: Graph, parts: readonly Operand[], stretched: Shape): Operands | undefined {
  const whole = parts.find(({ extent, rank }) => rank > 0 && sameShape(extent, stretched));
  const shape = whole && sourceOf(graph, whole.name)?.shape;
  if (!shape) return undefined;
  const sources = parts.map((part) => {
    const { name, extent, rank } = part;
    if (rank === 0) return { name, shape: [] };
    const source = sourceOf(graph, name) ?? { name, shape: storedShape(part) };
    const isWhole = sameShape(extent, stretched) && sameShape(source.shape, shape);
    return isWhole || repeats(source.shape, { extent, stretched, shape }) ? source : undefined;
  });
  if (!sources.every((source) => source !== undefined)) return undefined;
  return { names: sources.map(({ name }) => name), shapes: sources.map((source) => source.shape), shape };
}

/** Whether what has the shape `own` before reshaping repeats along leading axes only, under one shape of the whole as under the other. */
function repeats(own: Shape, { extent, stretched, shape }: Readonly<Record<'extent' | 'stretched' | 'shape', Shape>>) {
  const isLastOf = (whole: Shape) => sameShape(own, whole.slice(whole.length - own.length));
  const leading = extent.slice(0, extent.length - own.length);
  return own.length < shape.length && sizeOf(leading) === 1 && isLastOf(stretched) && isLastOf(shape);
}

export function cast(graph: Graph, x: Value, dtype: Dtype): Value {
  if (x.dtype === dtype) return x;
  if (x.kind === 'splat' && dtype !== 'bool')
    return { ...x, dtype, value: dtype === 'int32' ? Math.trunc(x.value) : x.value };
  return map(graph, 'Cast', { x, dtype, attributes: { to: onnxTypes[dtype] } });
}

export function broadcastShape(shapes: readonly Shape[]): number[] {
  return shapes.map((shape) => [...shape]).reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
}

/**
 * The layout of the largest operand of full rank, so that the least has to be moved. Of equally large ones a batch-last one:
 * who computes with it wants it to stay so.
 */
function commonLayout(values: readonly Value[], rank: number): Layout {
  let layout: Layout = identity(rank);
  let largest = 0;
  for (const value of values) {
    if (value.kind !== 'computed' || value.shape.length !== rank) continue;
    const weight = 2 * sizeOf(value.extent) + (isBatchLast(value.layout) ? 1 : 0);
    if (weight > largest) [layout, largest] = [value.layout, weight];
  }
  return layout;
}

function isBatchLast(layout: Layout): boolean {
  return layout.length === 4 && layout[3] === 0;
}

interface Operand {
  readonly name: string;
  readonly extent: Shape;
  /** Of what is stored: it may lack leading axes of size 1, which ONNX adds itself. */
  readonly rank: number;
}

function operand(graph: Graph, value: Value, layout: Layout): Operand {
  if (value.kind === 'splat' && !value.shape.includes(0)) {
    return { name: graph.scalar(value.value, value.dtype), extent: layout.map(() => 1), rank: 0 };
  }
  const source = asComputed(graph, value);
  const missing = layout.length - source.shape.length;
  const wide = missing > 0 ? withLeadingOnes(source, missing) : source;
  if (missing > 0 && sameShape(wide.layout, layout)) {
    return { name: source.name, extent: permuted(wide.extent, layout), rank: source.shape.length };
  }
  const from = permuted(source.extent, source.layout);
  const name = reshaped(graph, source.name, { from, to: permuted(wide.extent, wide.layout) });
  return { ...stored(graph, { ...wide, name }, layout), rank: layout.length };
}

function storedShape({ extent, rank }: Operand): Shape {
  return extent.slice(extent.length - rank);
}

function withLeadingOnes(value: Computed, count: number): Computed {
  const ones = Array.from({ length: count }, () => 1);
  return {
    ...value,
    layout: [...identity(count), ...value.layout.map((axis) => axis + count)],
    shape: [...ones, ...value.shape],
    extent: [...ones, ...value.extent],
  };
}
