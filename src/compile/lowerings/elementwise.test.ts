import fc from 'fast-check';
import type { NdArray, Shape } from '../../contracts/array.ts';
import { expectParity, numbers, wholeNumbers } from '../testing/parity.ts';
import { type Tensor, tf } from '../tf.ts';

type Unary = (x: Tensor) => Tensor;

const smooth: Record<string, Unary> = {
  acos: (x) => tf.acos(tf.div(x, 3)),
  acosh: (x) => tf.acosh(tf.add(tf.abs(x), 1.5)),
  asin: (x) => tf.asin(tf.div(x, 3)),
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: (x) => tf.atanh(tf.div(x, 3)),
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  log: (x) => tf.log(tf.add(tf.abs(x), 0.1)),
  log1p: (x) => tf.log1p(tf.abs(x)),
  neg: tf.neg,
  reciprocal: (x) => tf.reciprocal(tf.add(tf.abs(x), 0.5)),
  rsqrt: (x) => tf.rsqrt(tf.add(tf.abs(x), 0.5)),
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  sqrt: (x) => tf.sqrt(tf.add(tf.abs(x), 0.5)),
  square: tf.square,
  tan: (x) => tf.tan(tf.div(x, 3)),
  tanh: tf.tanh,
};

const bent: Record<string, Unary> = {
  abs: tf.abs,
  ceil: tf.ceil,
  clipByValue: (x) => tf.clipByValue(x, -1, 0.5),
  floor: tf.floor,
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  prelu: (x) => tf.prelu(x, tf.scalar(0.3)),
  relu: tf.relu,
  relu6: (x) => tf.relu6(tf.mul(x, 4)),
  round: tf.round,
  sign: tf.sign,
  step: (x) => tf.step(x, 0.25),
  stepAtZero: (x) => tf.step(x),
};

const binary: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: (a, b) => tf.div(a, tf.add(tf.abs(b), 0.5)),
  pow: (a, b) => tf.pow(tf.add(tf.abs(a), 0.5), b),
};

/** TensorFlow.js's own gradients of these do not broadcast. */
const equalShapes: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
};

const valuesOnly: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  ...equalShapes,
  where: (a, b) => tf.where(tf.greater(a, b), tf.mul(a, 2), tf.sub(b, a)),
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  logicalAnd: (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)),
  logicalOr: (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)),
  logicalNot: (a) => tf.logicalNot(tf.greater(a, 0)),
  floorDiv: (a, b) => tf.floorDiv(a, tf.add(tf.abs(b), 0.5)),
  mod: (a, b) => tf.mod(tf.mul(a, 1.25), tf.add(b, 0.625)),
  'mod of whole numbers': (a, b) => tf.mod(tf.cast(tf.mul(a, 3), 'int32'), tf.cast(tf.add(tf.abs(b), 2), 'int32')),
  'floorDiv of whole numbers': (a, b) =>
    tf.floorDiv(tf.cast(tf.mul(a, 3), 'int32'), tf.cast(tf.add(tf.abs(b), 2), 'int32')),
  'sum of whole numbers': (a, b) => tf.add(tf.cast(a, 'int32'), tf.cast(b, 'int32')),
  'where of booleans': (a, b) => tf.where(tf.greater(a, 0), tf.less(b, 1), tf.greater(b, -1)),
  isFinite: (a, b) => tf.isFinite(tf.div(a, b)),
  isNaN: (a, b) => tf.isNaN(tf.div(a, b)),
  isInf: (a, b) => tf.isInf(tf.div(a, b)),
};

/** Two shapes that broadcast against each other, and their seed. */
const broadcastable = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    fc.nat({ max: 4 }),
    fc.nat({ max: 1000 }),
  )
  .map(([shape, onesA, onesB, dropped, seed]) => {
    const a = shape.map((size, axis) => (onesA[axis] ? 1 : size));
    const b = shape.map((size, axis) => (onesB[axis] ? 1 : size)).slice(dropped);
    return { a, b, seed };
  });

function pair(
  make: (shape: Shape, options: { seed: number }) => NdArray,
  { a, b, seed }: { a: Shape; b: Shape; seed: number },
) {
  return [make(a, { seed }), make(b, { seed: seed + 1 })];
}

describe('lowerings of elementwise kernels', () => {
  for (const [name, op] of Object.entries(smooth)) {
    it(`${name}: values and gradients`, () => expectParity((x) => op(x), [numbers([3, 4])]));
  }

  for (const [name, op] of Object.entries(bent)) {
    it(`${name}: values and gradients, at its bends too`, () =>
      expectParity((x) => op(x), [wholeNumbers([4, 5])]).then(() => expectParity((x) => op(x), [numbers([4, 5])])));
  }

  for (const [name, op] of Object.entries(binary)) {
    it(`${name}: values and gradients of shapes that broadcast`, () =>
      fc.assert(
        fc.asyncProperty(broadcastable, (example) => expectParity((a, b) => op(a, b), pair(numbers, example))),
        { numRuns: 8 },
      ));
  }

  for (const [name, op] of Object.entries(equalShapes)) {
    it(`${name}: values and gradients, at ties too`, () =>
      expectParity((a, b) => op(a, b), [wholeNumbers([4, 5]), wholeNumbers([4, 5], { seed: 2 })]));
  }

  for (const [name, op] of Object.entries(valuesOnly)) {
    it(`${name}: values of shapes that broadcast`, () =>
      fc.assert(
        fc.asyncProperty(broadcastable, (example) =>
          expectParity((a, b) => op(a, b), pair(wholeNumbers, example), { valuesOnly: true }),
        ),
        { numRuns: 6 },
      ));
  }

  it('keeps the digits of log1p and expm1 near 0', () => {
    const tiny = { shape: [5], data: Float32Array.of(1e-9, -1e-8, 1e-6, -3e-5, 0) };
    return expectParity((x) => [tf.mul(tf.log1p(x), 1e6), tf.mul(tf.expm1(x), 1e6)], [tiny], { valuesOnly: true });
  });

  it('gives what TensorFlow.js gives at the ends of the range', () => {
    const ends = { shape: [6], data: Float32Array.of(-100, 100, -20, 20, 0, -1) };
    return expectParity(
      (x) => [tf.sigmoid(x), tf.softplus(x), tf.tanh(x), tf.expm1(tf.minimum(x, 80)), tf.elu(x)],
      [ends],
    );
  });

  it('where: values and gradients', () =>
    expectParity(
      (a, b, c) => tf.where(tf.greater(c, 0), tf.mul(a, b), tf.sub(b, a)),
      [numbers([3, 4]), numbers([3, 4], { seed: 2 }), numbers([4])],
      {
        gradientOf: [0, 1],
      },
    ));

  it('computes with known numbers', () =>
    expectParity(
      (x) => tf.add(tf.mul(x, tf.mul(tf.ones([2, 3]), 3)), tf.sub(tf.zeros([1, 3]), tf.div(tf.ones([3]), 4))),
      [numbers([2, 3])],
    ));

  it('broadcasts a value that was multiplied by 1 or added to 0', () =>
    expectParity(
      (x) => [tf.mul(x, tf.ones([4, 3])), tf.add(tf.zeros([2, 3]), x), tf.mul(tf.ones([3]), x)],
      [numbers([3])],
    ));

  it('combines what was reshaped with a scalar that was reshaped too', async () => {
    const scaled = (x: Tensor, scale: Tensor) => tf.mul(tf.reshape(x, [2, 10]), tf.reshape(scale, []));
    for (const shape of [[], [1], [1, 1], [1, 1, 1]]) {
      await expectParity(
        (x, scale) => [tf.sum(tf.reshape(scaled(x, scale), [4, 5]), 0), tf.cumsum(tf.reshape(scaled(x, scale), [20]))],
        [numbers([4, 5]), numbers(shape, { seed: 2 })],
      );
    }
  });
});
