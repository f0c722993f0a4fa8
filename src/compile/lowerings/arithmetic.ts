/** Sums, products and the like of two tensors. Known numbers are computed at once, and nothing is multiplied by 1. */

import { sameShape } from '../../arrays/ndarray.ts';
import type { Graph } from '../graph/graph.ts';
import { splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { broadcastShape, cast, combine, map } from './broadcasting.ts';
import type { Binary, Lowering, Lowerings } from './lowering.ts';

interface Operation {
  readonly op: string;
  readonly fold: (a: number, b: number) => number;
  /** The right operand that changes nothing. */
  readonly neutral?: number;
  readonly commutative?: boolean;
}

const operations = {
  Add: { op: 'Add', fold: (a, b) => a + b, neutral: 0, commutative: true },
  Sub: { op: 'Sub', fold: (a, b) => a - b, neutral: 0 },
  Multiply: { op: 'Mul', fold: (a, b) => a * b, neutral: 1, commutative: true },
  RealDiv: { op: 'Div', fold: (a, b) => a / b, neutral: 1 },
  Maximum: { op: 'Max', fold: Math.max },
  Minimum: { op: 'Min', fold: Math.min },
  Pow: { op: 'Pow', fold: (a, b) => a ** b, neutral: 1 },
} satisfies Record<string, Operation>;

function operate(graph: Graph, operation: Operation, { a, b }: Binary): Value {
  const { op, fold, neutral, commutative } = operation;
  const shape = broadcastShape([a.shape, b.shape]);
  if (a.kind === 'splat' && b.kind === 'splat' && a.dtype === 'float32') {
    return splat(Math.fround(fold(a.value, b.value)), shape);
  }
  if (neutral !== undefined && isSplatOf(b, neutral) && sameShape(a.shape, shape)) return a;
  if (neutral !== undefined && commutative && isSplatOf(a, neutral) && sameShape(b.shape, shape)) return b;
  return combine(graph, op, [a, b]);
}

function isSplatOf(value: Value, number: number): boolean {
  return value.kind === 'splat' && value.value === number;
}

const binary =
  (operation: Operation): Lowering<Binary> =>
  (graph, inputs) =>
    operate(graph, operation, inputs);

export function add(graph: Graph, a: Value, b: Value): Value {
  return operate(graph, operations.Add, { a, b });
}

export function subtract(graph: Graph, a: Value, b: Value): Value {
  return operate(graph, operations.Sub, { a, b });
}

export function multiply(graph: Graph, a: Value, b: Value): Value {
  return operate(graph, operations.Multiply, { a, b });
}

export function divide(graph: Graph, a: Value, b: Value): Value {
  return operate(graph, operations.RealDiv, { a, b });
}

/** ⌊a ÷ b⌋, for whole numbers too. */
function floorDivide(graph: Graph, { a, b }: Binary): Value {
  const quotient = divide(graph, cast(graph, a, 'float32'), cast(graph, b, 'float32'));
  return cast(graph, map(graph, 'Floor', { x: quotient }), a.dtype);
}

/** What remains of a after ⌊a ÷ b⌋ times b: it has the sign of b. */
function modulo(graph: Graph, { a, b }: Binary): Value {
  return subtract(graph, a, multiply(graph, floorDivide(graph, { a, b }), b));
}

function addAll(graph: Graph, inputs: Readonly<Record<string, Value>>): Value {
  return Object.values(inputs).reduce((sum, value) => add(graph, sum, value));
}

function squaredDifference(graph: Graph, { a, b }: Binary): Value {
  const difference = subtract(graph, a, b);
  return multiply(graph, difference, difference);
}

export const arithmetic = {
  Add: binary(operations.Add),
  Sub: binary(operations.Sub),
  Multiply: (graph, { a, b }: Binary) => multiply(graph, a, b),
  RealDiv: binary(operations.RealDiv),
  Maximum: binary(operations.Maximum),
  Minimum: binary(operations.Minimum),
  Pow: binary(operations.Pow),
  AddN: addAll,
  FloorDiv: floorDivide,
  Mod: modulo,
  SquaredDifference: squaredDifference,
} satisfies Lowerings;
