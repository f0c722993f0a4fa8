import { expect } from 'chai';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, type Tensor4D, tf } from '../compile/tf.ts';
import type { Shape } from '../contracts/array.ts';
import { normalizeInBatch } from './batch-normalization.ts';
import {
  checkDerivatives,
  type Expression,
  type Point,
  randomArray,
  spacedArray,
} from './testing/central-differences.ts';
import './gradients.ts';

interface Case {
  readonly f: Expression;
  readonly at: Point;
  /** Of the central differences: small where the function has kinks, at which the inputs keep a distance of 0.02. */
  readonly step: number;
}

type Inputs = Readonly<Record<'a' | 'b' | 'c', Tensor>>;
const smoothStep = 2e-2;
const kinkedStep = 3e-3;
const shape: Shape = [2, 3, 4];

const positive = (of: Shape, seed: number) => randomArray(of, seed, [0.7, 1.7]);

const smooth = (f: (inputs: Inputs) => Tensor, at: Point = { a: randomArray(shape, 1) }): Case => ({
  f: f as Expression,
  at,
  step: smoothStep,
});

const kinked = (f: (inputs: Inputs) => Tensor, at: Point = { a: spacedArray(shape, 1, 0.09) }): Case => ({
  f: f as Expression,
  at,
  step: kinkedStep,
});

const two = { a: spacedArray(shape, 1, 0.09), b: randomArray(shape, 9) };
const broadcast = { a: spacedArray(shape, 1, 0.09), b: randomArray([3, 1], 5) };

const elementwise: Record<string, Case> = {
  sigmoid: smooth(({ a }) => tf.sigmoid(a)),
  tanh: smooth(({ a }) => tf.tanh(a)),
  exp: smooth(({ a }) => tf.exp(a)),
  softplus: smooth(({ a }) => tf.softplus(a)),
  square: smooth(({ a }) => tf.square(a)),
  neg: smooth(({ a }) => tf.neg(a)),
  log: smooth(({ a }) => tf.log(a), { a: positive(shape, 1) }),
  sqrt: smooth(({ a }) => tf.sqrt(a), { a: positive(shape, 1) }),
  rsqrt: smooth(({ a }) => tf.rsqrt(a), { a: positive(shape, 1) }),
  reciprocal: smooth(({ a }) => tf.reciprocal(a), { a: positive(shape, 1) }),
  pow: smooth(({ a, b }) => tf.pow(a, b), { a: positive(shape, 1), b: randomArray([4], 2) }),
  elu: kinked(({ a }) => tf.elu(a)),
  relu: kinked(({ a }) => tf.relu(a)),
  leakyRelu: kinked(({ a }) => tf.leakyRelu(a, 0.3)),
  abs: kinked(({ a }) => tf.abs(a)),
  clipByValue: kinked(({ a }) => tf.clipByValue(a, -0.5, 0.5)),
  add: smooth(({ a, b }) => tf.add(a, b), broadcast),
  sub: smooth(({ a, b }) => tf.sub(a, b), broadcast),
  mul: smooth(({ a, b }) => tf.mul(a, b), broadcast),
  div: smooth(({ a, b }) => tf.div(a, b), { a: randomArray(shape, 1), b: positive([3, 1], 2) }),
  squaredDifference: smooth(({ a, b }) => tf.squaredDifference(a, b), broadcast),
  maximum: kinked(({ a, b }) => tf.maximum(a, b), two),
  'maximum, broadcast': kinked(({ a, b }) => tf.maximum(a, b), broadcast),
  minimum: kinked(({ a, b }) => tf.minimum(a, b), two),
  where: kinked(({ a, b }) => tf.where(tf.greater(a, 0), a, tf.mul(a, b)), two),
};

const reductions: Record<string, Case> = {
  softmax: smooth(({ a }) => tf.softmax(a)),
  sum: smooth(({ a }) => tf.sum(a, [0, 2])),
  mean: smooth(({ a }) => tf.mean(a, 1, true)),
  max: kinked(({ a }) => tf.max(a, 1)),
  'max of all': kinked(({ a }) => tf.max(a)),
  min: kinked(({ a }) => tf.min(a, [0, 2], true)),
  norm: smooth(({ a }) => tf.norm(a)),
};

const rearrangements: Record<string, Case> = {
  transpose: smooth(({ a }) => tf.transpose(a, [2, 0, 1])),
  reshape: smooth(({ a }) => tf.reshape(a, [4, 6])),
  pad: smooth(({ a }) =>
    tf.pad(a, [
      [0, 1],
      [2, 0],
      [0, 0],
    ]),
  ),
  slice: smooth(({ a }) => tf.slice(a, [0, 1, 1], [2, 1, 2])),
  concat: smooth(({ a, b }) => tf.concat([a, b], 1), { a: randomArray(shape, 1), b: randomArray([2, 2, 4], 2) }),
  stack: smooth(({ a, b }) => tf.stack([a, b], 1), { a: randomArray(shape, 1), b: randomArray(shape, 2) }),
  tile: smooth(({ a }) => tf.tile(a, [1, 2, 3])),
  'broadcastTo of rank 5': smooth(({ a }) => tf.broadcastTo(a, [2, 3, 2, 1, 4]), {
    a: randomArray([2, 1, 1, 1, 4], 1),
  }),
};

const mirrored: [number, number][] = [
  [0, 0],
  [1, 2],
  [2, 0],
];

const others: Record<string, Case> = {
  'mirrorPad, reflect': smooth(({ a }) => tf.mirrorPad(a, mirrored, 'reflect')),
  'mirrorPad, symmetric': smooth(({ a }) => tf.mirrorPad(a, mirrored, 'symmetric')),
  cumsum: smooth(({ a }) => tf.cumsum(a, 1)),
  expm1: smooth(({ a }) => tf.expm1(a)),
  relu6: kinked(({ a }) => tf.relu6(a)),
  gather: smooth(({ a }) => tf.gather(a, tf.tensor1d([1, 0, 1], 'int32'), 1)),
  depthwiseConv2d: smooth(({ a, b }) => tf.depthwiseConv2d(a as Tensor4D, b as Tensor4D, 1, 'valid'), {
    a: randomArray([2, 5, 6, 2], 1),
    b: randomArray([3, 3, 2, 3], 2),
  }),
  // One example: TensorFlow.js's cpu kernel reads the gradients of all others at the wrong place.
  resizeNearestNeighbor: smooth(({ a }) => tf.image.resizeNearestNeighbor(a as Tensor4D, [4, 6]), {
    a: randomArray([1, 2, 3, 2], 1),
  }),
};

const products: Record<string, Case> = Object.fromEntries(
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => [
      `matMul${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`,
      smooth(({ a, b }) => tf.matMul(a, b, transposeA, transposeB), {
        a: randomArray(transposeA ? [2, 4, 3] : [2, 3, 4], 1),
        b: randomArray(transposeB ? [2, 5, 4] : [2, 4, 5], 2),
      }),
    ]),
  ),
);

const geometries: readonly (readonly [kernel: number, stride: number, padding: 'same' | 'valid' | number])[] = [
  [3, 1, 'same'],
  [3, 2, 'same'],
  [3, 1, 'valid'],
  [3, 2, 'valid'],
  [5, 2, 'same'],
  [5, 2, 2],
  [3, 3, 'same'],
];

const convolutions: Record<string, Case> = Object.fromEntries(
  geometries.flatMap(([kernel, stride, padding]) => [
    [
      `conv2d ${kernel}×${kernel} stride ${stride} ${padding}`,
      smooth(({ a, b }) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, padding), {
        a: randomArray([2, 7, 6, 2], 1),
        b: randomArray([kernel, kernel, 2, 3], 2),
      }),
    ],
  ]),
);

/** Computed otherwise than those of few channels (`src/compile/lowerings/image-strips.ts`). */
const wideConvolutions: Record<string, Case> = Object.fromEntries(
  [1, 2].map((stride) => [
    `conv2d 3×3 stride ${stride} of 9 to 12 channels`,
    smooth(({ a, b }) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, 'same'), {
      a: randomArray([8, 4, 3, 9], 1),
      b: randomArray([3, 3, 9, 12], 2),
    }),
  ]),
);

const transposed: Record<string, Case> = Object.fromEntries(
  [1, 2].map((stride) => [
    `conv2dTranspose stride ${stride}`,
    smooth(
      ({ a, b }) => tf.conv2dTranspose(a as Tensor4D, b as Tensor4D, [2, 3 * stride, 4 * stride, 2], stride, 'same'),
      {
        a: randomArray([2, 3, 4, 3], 1),
        b: randomArray([3, 3, 2, 3], 2),
      },
    ),
  ]),
);

const pools: readonly (readonly [
  size: number,
  stride: number,
  padding: 'same' | 'valid',
  height: number,
  width: number,
])[] = [
  [2, 2, 'valid', 6, 4],
  [2, 2, 'valid', 5, 5],
  [2, 2, 'same', 5, 4],
  [3, 2, 'same', 6, 7],
  [3, 2, 'valid', 7, 5],
  [3, 1, 'same', 4, 4],
];

const pooling: Record<string, Case> = Object.fromEntries(
  pools.flatMap(([size, stride, padding, height, width]) => {
    const at = { a: spacedArray([2, height, width, 2], 1, 0.02) };
    const label = `${size}×${size} stride ${stride} ${padding} on ${height}×${width}`;
    return [
      [`maxPool ${label}`, kinked(({ a }) => tf.maxPool(a as Tensor4D, size, stride, padding), at)],
      [`avgPool ${label}`, smooth(({ a }) => tf.avgPool(a as Tensor4D, size, stride, padding), at)],
    ];
  }),
);

const affine = { b: positive([3], 2), c: randomArray([3], 3) };
const normalized = (x: Tensor, { b, c }: Inputs) => normalizeInBatch(x, { gamma: b, beta: c, epsilon: 0.1 });

const normalizations: Record<string, Case> = {
  'batch normalization of vectors': smooth((inputs) => normalized(inputs.a, inputs), {
    a: randomArray([7, 3], 1),
    ...affine,
  }),
  'batch normalization of images': smooth((inputs) => normalized(inputs.a, inputs), {
    a: randomArray([2, 3, 2, 3], 1),
    ...affine,
  }),
  'batch normalization after a convolution': smooth(
    (inputs) => {
      const filter = tf.reshape(tf.linspace(-1, 1, 18), [3, 1, 2, 3]) as Tensor4D;
      return normalized(tf.conv2d(inputs.a as Tensor4D, filter, 1, 'same'), inputs);
    },
    { a: randomArray([2, 4, 3, 2], 1), ...affine },
  ),
};

const cases: Record<string, Case> = {
  ...elementwise,
  ...reductions,
  ...rearrangements,
  ...products,
  ...convolutions,
  ...wideConvolutions,
  ...transposed,
  ...pooling,
  ...normalizations,
  ...others,
};

/** Curved in every output and different in each, so that no second derivative vanishes or cancels. */
function curved(y: Tensor): Tensor {
  const weights = tf.reshape(tf.linspace(0.5, 0.9, y.size), y.shape);
  return tf.sum(tf.mul(tf.square(y), weights));
}

const engines: readonly EngineName[] = ['cpu', 'onnx'];

for (const engine of engines) {
  describe(`first and second derivatives on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const [name, { f, at, step }] of Object.entries(cases)) {
      it(name, async () => {
        const { first, second } = await checkDerivatives(name, (inputs) => curved(f(inputs)), at, step);
        // Differences of float32 values of size 10 are good to 1e-6 ÷ step; 1e-3 of derivatives of size 1 is far above.
        expect(first.gradient).to.be.closeTo(first.difference, 1e-3 * Math.max(1, Math.abs(first.difference)));
        expect(second.gradient).to.be.closeTo(second.difference, 1e-3 * Math.max(1, Math.abs(second.difference)));
      });
    }
  });
}

describe('operations whose second derivative cannot be right', () => {
  before(() => tf.setBackend('cpu'));

  it('refuse to be differentiated and name the way out', () => {
    expect(() => tf.tidy(() => tf.grad((x) => tf.sum(tf.logSoftmax(x)))(tf.tensor1d([1, 2])))).to.throw(
      RangeError,
      'Use logSoftmax of models/losses.ts',
    );
    const y = tf.tensor2d([[0, 1]]);
    expect(() => tf.tidy(() => tf.grad((x) => tf.losses.softmaxCrossEntropy(y, x))(tf.tensor2d([[1, 2]])))).to.throw(
      RangeError,
      'Use crossEntropy of models/losses.ts',
    );
  });
});
