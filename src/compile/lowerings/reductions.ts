/** Kernels that reduce axes, in the layout in which the numbers lie; what only repeats is not read twice. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import { type Graph, microsoft } from '../graph/graph.ts';
import { reshaped, type Source, sourceOf } from '../graph/reshaped.ts';
import { asComputed, asItLies, computed, identity, inverse, plain, splat } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import { multiply } from './arithmetic.ts';
import { cast } from './broadcasting.ts';
import { pad } from './joins.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';
import { reshape } from './reshape.ts';
import { sliceAxis } from './slices.ts';

interface Axes {
  readonly axis?: number | number[];
  /** What `Max` calls its axes. */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

/** What a reduction of `count` equal numbers gives. */
const ofEqual = {
  ReduceSum: (value: number, count: number) => value * count,
  ReduceMean: (value: number) => value,
  ReduceMax: (value: number) => value,
  ReduceMin: (value: number) => value,
  ReduceProd: (value: number, count: number) => value ** count,
};

type Reduction = keyof typeof ofEqual;

const reduction =
  (op: Reduction): Lowering<Unary, Axes> =>
  (graph, { x }, { axis, reductionIndices, keepDims }) => {
    const axes = tf.util.parseAxisParam(reductionIndices ?? axis ?? identity(x.shape.length), [...x.shape]);
    return reduce(graph, op, { x, axes, keepDims: keepDims ?? false });
  };

interface Reduced {
  readonly x: Value;
  readonly axes: readonly number[];
  /** Whether the reduced axes stay, with size 1. */
  readonly keepDims: boolean;
}

export function reduce(graph: Graph, op: Reduction, { x, axes, keepDims }: Reduced): Value {
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  if (x.kind === 'splat' && count > 0 && x.dtype === 'float32') {
    const shape = keepDims ? keptShape(x.shape, axes) : without(axes, x.shape);
    return splat(Math.fround(ofEqual[op](x.value, count)), shape);
  }
  const source = op === 'ReduceProd' ? asItLies(graph, x) : asComputed(graph, x);
  const value = reduceStored(graph, op, { x: source, axes, keepDims });
  const repeated = sizeOf(axes.map((axis) => (source.extent[axis] === 1 ? x.shape[axis] : 1)));
  return op === 'ReduceSum' && repeated !== 1 ? multiply(graph, value, splat(repeated, [], x.dtype)) : value;
}

/** The reduction of what is stored; where it only repeats along all axes there is nothing to do. */
function reduceStored(graph: Graph, op: Reduction, { x, axes, keepDims }: Reduced & { readonly x: Computed }): Value {
  const kept = { ...x, shape: keptShape(x.shape, axes), extent: keptShape(x.extent, axes) };
  const dropped = without(axes, x.shape);
  if (axes.every((axis) => x.extent[axis] === 1)) return keepDims ? kept : reshape(graph, kept, dropped);
  const positions = axes.map((axis) => x.layout.indexOf(axis)).sort((a, b) => a - b);
  const name =
    (op === 'ReduceSum' && sumsOfSquares(graph, x, { positions, keepDims })) ||
    graph.node(op, [x.name, graph.ints(positions)], { keepdims: keepDims ? 1 : 0 });
  if (keepDims) return { ...kept, name };
  const left = identity(x.shape.length).filter((axis) => !axes.includes(axis));
  const layout = x.layout.flatMap((axis) => (axes.includes(axis) ? [] : [left.indexOf(axis)]));
  return { ...x, name, shape: dropped, extent: without(axes, x.extent), layout };
}

interface Positions {
  /** Of the reduced axes in what is stored, in order. */
  readonly positions: readonly number[];
  readonly keepDims: boolean;
}

/**
 * A product of a row costs 0.1 µs: of 4 numbers ten times what storing squares takes, of 128 as much. What products of rows without numbers
 * give is whatever was in memory.
 */
const longRow = 256;

/** Where the numbers of a sum lie together and are squares, these need not be stored: each row times itself, or one node for all numbers. */
function sumsOfSquares(graph: Graph, x: Computed, { positions, keepDims }: Positions): string | undefined {
  const stored = x.layout.map((axis) => x.extent[axis]);
  const squared = squaredIn(graph, x, stored);
  const start = stored.length - positions.length;
  if (!squared || positions[0] !== start) return undefined;
  if (start === 0 && !keepDims) return graph.node('ReduceSumSquare', [squared.name], { keepdims: 0 });
  const [rows, columns] = [sizeOf(stored.slice(0, start)), sizeOf(stored.slice(start))];
  if (columns < longRow) return undefined;
  const row = reshaped(graph, squared.name, { from: squared.shape, to: [rows, 1, columns] });
  const sums = graph.node('FusedMatMul', [row, row], { transA: 0, transB: 1 }, microsoft);
  const to = stored.slice(0, start).concat(keepDims ? positions.map(() => 1) : []);
  return reshaped(graph, sums, { from: [rows, 1, 1], to });
}

/** What `x` is the elementwise square of. */
function squaredIn(graph: Graph, x: Computed, stored: Shape): Source | undefined {
  const { name, shape } = sourceOf(graph, x.name) ?? { name: x.name, shape: stored };
  const node = graph.producerOf(name);
  const isSquare = x.dtype === 'float32' && node?.op === 'Mul' && node.inputs[0] === node.inputs[1];
  return isSquare ? { name: node.inputs[0], shape } : undefined;
}

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

function without(axes: readonly number[], shape: Shape): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

const truth =
  (op: 'ReduceMax' | 'ReduceMin'): Lowering<Unary, Axes> =>
  (graph, { x }, axes) =>
    cast(graph, reduction(op)(graph, { x: cast(graph, x, 'int32') }, axes) as Value, 'bool');

/** Of several equal ones the first. */
const position =
  (op: 'ArgMax' | 'ArgMin'): Lowering<Unary, { axis: number }> =>
  (graph, { x }, { axis }) => {
    const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
    const wide = graph.node(op, [plain(graph, x)], { axis: along, keepdims: 0 });
    const name = graph.node('Cast', [wide], { to: 6 });
    return computed(graph, name, { shape: x.shape.toSpliced(along, 1), dtype: 'int32' });
  };

function softmax(graph: Graph, { logits }: { logits: Value }): Value {
  const last = logits.shape.length - 1;
  const source = asItLies(graph, logits, [last]);
  const name = graph.node('Softmax', [source.name], { axis: inverse(source.layout)[last] });
  return { ...source, name };
}

interface Cumulative {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

function cumulativeSum(graph: Graph, { x }: Unary, { axis, exclusive, reverse }: Cumulative): Value {
  const source = asItLies(graph, x, [axis]);
  const along = graph.node('Squeeze', [graph.ints([inverse(source.layout)[axis]])]);
  const how = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
  return { ...source, name: graph.node('CumSum', [source.name, along], how) };
}

/** Each step doubles how many factors an entry holds. */
function cumulativeProduct(graph: Graph, { x }: Unary, { axis, exclusive, reverse }: Cumulative): Value {
  const length = x.shape[axis];
  let result = exclusive ? shifted(graph, x, { axis, by: 1, reverse }) : x;
  for (let by = 1; by < length; by *= 2)
    result = multiply(graph, result, shifted(graph, result, { axis, by, reverse }));
  return result;
}

/** Entries moved along an axis; ones come in. */
function shifted(graph: Graph, x: Value, { axis, by, reverse }: { axis: number; by: number; reverse: boolean }): Value {
  const rest = sliceAxis(graph, x, { axis, start: reverse ? by : 0, length: x.shape[axis] - by });
  const paddings = x.shape.map((_, i) =>
    i !== axis ? ([0, 0] as const) : reverse ? ([0, by] as const) : ([by, 0] as const),
  );
  return pad(graph, rest, { paddings, value: 1 });
}

function topK(graph: Graph, { x }: Unary, { k }: { k: number }): Value[] {
  const [values, wide] = graph.nodeWithOutputs('TopK', [plain(graph, x), graph.ints([k])], { outputs: 2 });
  const shape = x.shape.with(-1, k);
  const indices = graph.node('Cast', [wide], { to: 6 });
  return [computed(graph, values, { shape, dtype: x.dtype }), computed(graph, indices, { shape, dtype: 'int32' })];
}

export const reductions = {
  All: truth('ReduceMin'),
  Any: truth('ReduceMax'),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  Cumprod: cumulativeProduct,
  Cumsum: cumulativeSum,
  Max: reduction('ReduceMax'),
  Mean: (graph, { x }: Unary, axes: Axes) => reduction('ReduceMean')(graph, { x: cast(graph, x, 'float32') }, axes),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Softmax: softmax,
  Sum: reduction('ReduceSum'),
  TopK: topK,
} satisfies Lowerings;
