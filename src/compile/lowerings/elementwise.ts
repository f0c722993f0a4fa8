/** Kernels that act on each element by itself: any layout is as good as another, and what repeats keeps repeating. */

import type { Attributes, Dtype, Graph } from '../graph/graph.ts';
import { asComputed, computed, identity, inLayout, permuted, splat, stored } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Binary, Lowering, Lowerings, Unary } from './lowering.ts';

/** One node of one input. */
export function map(
  graph: Graph,
  value: Value,
  { op, dtype = value.dtype, attributes = {} }: { op: string; dtype?: Dtype; attributes?: Attributes },
): Value {
  const x = asComputed(graph, value);
  return { ...x, dtype, name: graph.node(op, [x.name], attributes) };
}

/** One node of several inputs that broadcast against each other. */
export function combine(
  graph: Graph,
  op: string,
  { values, dtype }: { values: readonly Value[]; dtype: Dtype },
): Value {
  const shape = values
    .map((value) => [...value.shape])
    .reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
  const layout = commonLayout(values, shape.length);
  const parts = values.map((value) => operand(graph, value, layout));
  const extents = parts
    .map((part) => part.extent)
    .reduce((a, b) => a.map((size, axis) => (size === 1 ? b[axis] : size)));
  const extent = permuted(
    extents,
    layout.map((_, axis) => layout.indexOf(axis)),
  );
  return computed(
    graph,
    graph.node(
      op,
      parts.map((part) => part.name),
    ),
    { shape, dtype, layout, extent },
  );
}

/** The layout of the largest operand of full rank, so that the least has to be moved. */
function commonLayout(values: readonly Value[], rank: number): Layout {
  let best: { layout: Layout; size: number } = { layout: identity(rank), size: 0 };
  for (const value of values) {
    if (value.kind !== 'computed' || value.shape.length !== rank) continue;
    const size = value.extent.reduce((product, dimension) => product * dimension, 1);
    if (size > best.size) best = { layout: value.layout, size };
  }
  return best.layout;
}

function operand(graph: Graph, value: Value, layout: Layout): { name: string; extent: readonly number[] } {
  const rank = layout.length;
  if (value.kind === 'splat') return { name: graph.scalar(value.value, value.dtype), extent: layout.map(() => 1) };
  if (value.shape.length === rank) return stored(graph, value, layout);
  const missing = rank - value.shape.length;
  const { name, extent } = stored(graph, value, identity(value.shape.length));
  const padded = [...Array.from({ length: missing }, () => 1), ...extent];
  const wide = computed(graph, name, { shape: padded, dtype: value.dtype });
  const isIdentity = layout.every((axis, position) => axis === position);
  if (isIdentity) return { name, extent: padded };
  const reshaped = graph.node('Reshape', [name, graph.ints(padded)], { allowzero: 1 });
  return { name: inLayout(graph, { ...wide, name: reshaped }, layout), extent: permuted(padded, layout) };
}

const unary =
  (op: string, attributes: Attributes = {}): Lowering<Unary> =>
  (graph, { x }) =>
    map(graph, x, { op, attributes });

const binary =
  (op: string): Lowering<Binary> =>
  (graph, { a, b }) =>
    combine(graph, op, { values: [a, b], dtype: a.dtype });

const comparison =
  (op: string): Lowering<Binary> =>
  (graph, { a, b }) =>
    combine(graph, op, { values: [a, b], dtype: 'bool' });

const square: Lowering<Unary> = (graph, { x }) => combine(graph, 'Mul', { values: [x, x], dtype: x.dtype });

const step: Lowering<Unary, { alpha: number }> = (graph, { x }, { alpha }) => {
  const positive = combine(graph, 'Greater', { values: [x, splat(0, [], x.dtype)], dtype: 'bool' });
  return combine(graph, 'Where', { values: [positive, splat(1, []), splat(alpha, [])], dtype: 'float32' });
};

const onnxTypes = { float32: 1, int32: 6, bool: 9 } as const;

export function cast(graph: Graph, value: Value, dtype: Dtype): Value {
  if (value.dtype === dtype) return value;
  return map(graph, value, { op: 'Cast', dtype, attributes: { to: onnxTypes[dtype] } });
}

export const elementwise = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  SquaredDifference: (graph, { a, b }: Binary) => {
    const d = combine(graph, 'Sub', { values: [a, b], dtype: a.dtype });
    return combine(graph, 'Mul', { values: [d, d], dtype: a.dtype });
  },
  Equal: comparison('Equal'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  LogicalNot: (graph, { x }: Unary) => map(graph, x, { op: 'Not' }),
  Select: (graph, { condition, t, e }: { condition: Value; t: Value; e: Value }) =>
    combine(graph, 'Where', { values: [condition, t, e], dtype: t.dtype }),
  Relu: unary('Relu'),
  Sigmoid: unary('Sigmoid'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Sqrt: unary('Sqrt'),
  Abs: unary('Abs'),
  Tanh: unary('Tanh'),
  Softplus: unary('Softplus'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Cos: unary('Cos'),
  Erf: unary('Erf'),
  Floor: unary('Floor'),
  Reciprocal: unary('Reciprocal'),
  Rsqrt: (graph, { x }: Unary) => map(graph, map(graph, x, { op: 'Sqrt' }), { op: 'Reciprocal' }),
  LeakyRelu: (graph, { x }: Unary, { alpha }: { alpha: number }) =>
    map(graph, x, { op: 'LeakyRelu', attributes: { alpha: { float: alpha } } }),
  Elu: unary('Elu'),
  ClipByValue: (
    graph,
    { x }: Unary,
    { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number },
  ) => {
    const low = combine(graph, 'Max', { values: [x, splat(clipValueMin, [])], dtype: x.dtype });
    return combine(graph, 'Min', { values: [low, splat(clipValueMax, [])], dtype: x.dtype });
  },
  Square: square,
  Step: step,
  Cast: (graph, { x }: Unary, { dtype }: { dtype: Dtype }) => cast(graph, x, dtype),
} satisfies Lowerings;
