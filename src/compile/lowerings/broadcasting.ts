/** Nodes that act on each element by itself: any layout is as good as another, and what repeats keeps repeating. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Attributes, Dtype, Graph } from '../graph/graph.ts';
import { asComputed, computed, identity, inverse, permuted, reshaped, stored } from '../graph/stored.ts';
import type { Computed, Layout, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';

const onnxTypes = { float32: 1, int32: 6, bool: 9 } as const;

/** A node of one input. */
export function map(
  graph: Graph,
  op: string,
  { x, dtype = x.dtype, attributes = {} }: { x: Value; dtype?: Dtype; attributes?: Attributes },
): Value {
  const source = asComputed(graph, x);
  return { ...source, dtype, name: graph.node(op, [source.name], attributes) };
}

/** A node of several inputs that broadcast against each other; its type is that of the first unless given. */
export function combine(graph: Graph, op: string, values: readonly Value[], dtype = values[0].dtype): Value {
  const shape = broadcastShape(values.map((value) => value.shape));
  const layout = commonLayout(values, shape.length);
  const parts = values.map((value) => operand(graph, value, layout));
  const result = graph.node(
    op,
    parts.map((part) => part.name),
  );
  const stretched = broadcastShape(parts.map((part) => part.extent));
  // Of operands that all lack axes of size 1, the result lacks them too.
  const rank = Math.max(...parts.map((part) => part.rank));
  const name = reshaped(graph, result, { from: stretched.slice(stretched.length - rank), to: stretched });
  return computed(graph, name, { shape, dtype, layout, extent: permuted(stretched, inverse(layout)) });
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

function withLeadingOnes(value: Computed, count: number): Computed {
  const ones = Array.from({ length: count }, () => 1);
  return {
    ...value,
    layout: [...identity(count), ...value.layout.map((axis) => axis + count)],
    shape: [...ones, ...value.shape],
    extent: [...ones, ...value.extent],
  };
}
