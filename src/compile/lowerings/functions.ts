/** Functions of one number. */

import type { Attributes, Graph } from '../graph/graph.ts';
import { splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { add, divide, multiply, subtract } from './arithmetic.ts';
import { cast, combine, map } from './broadcasting.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';

const unary =
  (op: string, attributes: Attributes = {}): Lowering<Unary> =>
  (graph, { x }) =>
    map(graph, op, { x, attributes });

/** The gradient at a node of the same shape. */
interface Backward {
  readonly dy: Value;
  readonly y: Value;
}

const one = splat(1, []);

function positive(graph: Graph, x: Value): Value {
  return combine(graph, 'Greater', [x, splat(0, [], x.dtype)], 'bool');
}

function clip(graph: Graph, x: Value, { low, high }: { low: number; high: number }): Value {
  return combine(graph, 'Min', [combine(graph, 'Max', [x, splat(low, [], x.dtype)]), splat(high, [], x.dtype)]);
}

/** log(1 + x) without the loss of digits near 0 (Kahan): log(u) · x ÷ (u − 1), where u is 1 + x as rounded. */
function log1p(graph: Graph, { x }: Unary): Value {
  const u = add(graph, x, one);
  const rounded = subtract(graph, u, one);
  const exact = combine(graph, 'Equal', [rounded, x], 'bool');
  const correction = combine(graph, 'Where', [exact, one, divide(graph, x, rounded)], 'float32');
  const log = multiply(graph, map(graph, 'Log', { x: u }), correction);
  return combine(graph, 'Where', [combine(graph, 'Equal', [u, one], 'bool'), x, log], 'float32');
}

/** exp(x) − 1 without the loss of digits near 0: tanh(x ÷ 2) · (exp(x) + 1). */
function expm1(graph: Graph, { x }: Unary): Value {
  const half = map(graph, 'Tanh', { x: multiply(graph, x, splat(0.5, [])) });
  return multiply(graph, half, add(graph, map(graph, 'Exp', { x }), one));
}

/** TensorFlow.js takes the gradient at 0 from the right. */
function eluGrad(graph: Graph, { dy, y }: Backward): Value {
  const slope = combine(graph, 'Min', [add(graph, y, one), one]);
  return multiply(graph, dy, slope);
}

function step(graph: Graph, { x }: Unary, { alpha }: { alpha: number }): Value {
  if (!alpha) return cast(graph, positive(graph, x), 'float32');
  return combine(graph, 'Where', [positive(graph, x), one, splat(alpha, [])], 'float32');
}

/** x where it is positive, alpha · x elsewhere. */
function prelu(graph: Graph, { x, alpha }: { x: Value; alpha: Value }): Value {
  return combine(graph, 'Where', [positive(graph, x), x, multiply(graph, x, alpha)], 'float32');
}

const selu = {
  alpha: { float: 1.7580993408473768 / 1.0507009873554805 },
  gamma: { float: 1.0507009873554805 },
};

export const functions = {
  Abs: unary('Abs'),
  Acos: unary('Acos'),
  Acosh: unary('Acosh'),
  Asin: unary('Asin'),
  Asinh: unary('Asinh'),
  Atan: unary('Atan'),
  Atanh: unary('Atanh'),
  Ceil: unary('Ceil'),
  ClipByValue: (graph, { x }: Unary, { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) =>
    clip(graph, x, { low: clipValueMin, high: clipValueMax }),
  Cos: unary('Cos'),
  Cosh: unary('Cosh'),
  Elu: unary('Elu'),
  EluGrad: eluGrad,
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Expm1: expm1,
  Floor: unary('Floor'),
  LeakyRelu: (graph, { x }: Unary, { alpha }: { alpha: number }) =>
    map(graph, 'LeakyRelu', { x, attributes: { alpha: { float: alpha } } }),
  Log: unary('Log'),
  Log1p: log1p,
  Neg: unary('Neg'),
  Prelu: prelu,
  Reciprocal: unary('Reciprocal'),
  Relu: unary('Relu'),
  Relu6: (graph, { x }: Unary) => clip(graph, x, { low: 0, high: 6 }),
  Round: unary('Round'),
  Rsqrt: (graph, { x }: Unary) => map(graph, 'Reciprocal', { x: map(graph, 'Sqrt', { x }) }),
  Selu: unary('Selu', selu),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Sinh: unary('Sinh'),
  Softplus: unary('Softplus'),
  Sqrt: unary('Sqrt'),
  Square: (graph, { x }: Unary) => multiply(graph, x, x),
  Step: step,
  Tan: unary('Tan'),
  Tanh: unary('Tanh'),
} satisfies Lowerings;
