import type { NdArray } from '../../contracts/array.ts';
import { loadable } from '../testing/engines.ts';
import { type Body, expectParity, numbers, type ParityOptions, wholeNumbers } from '../testing/parity.ts';
import { type Tensor4D, tf } from '../tf.ts';

interface Case {
  readonly body: Body;
  readonly inputs: readonly NdArray[];
  readonly options?: ParityOptions;
}

const images = numbers([3, 7, 8, 2]);
const filter = numbers([3, 3, 2, 4], { seed: 2 });
const ties = wholeNumbers([3, 6, 6, 2], { low: 0, high: 2 });

/** What the lab's models, losses and attacks are made of. */
const cases: Record<string, Case> = {
  arithmetic: {
    body: (a, b) => [tf.add(a, b), tf.mul(a, b), tf.sub(b, a), tf.div(a, tf.add(tf.square(b), 1))],
    inputs: [numbers([3, 4]), numbers([4], { seed: 2 })],
  },
  activations: {
    body: (x) => [
      tf.sigmoid(x),
      tf.tanh(x),
      tf.relu(x),
      tf.leakyRelu(x, 0.2),
      tf.softplus(x),
      tf.elu(x),
      tf.mul(x, tf.sigmoid(x)),
    ],
    inputs: [numbers([4, 5])],
  },
  'step and abs at 0': {
    body: (x) => [tf.abs(x), tf.step(x, 0.5), tf.sign(x), tf.maximum(x, 0)],
    inputs: [wholeNumbers([4, 5])],
  },
  reductions: {
    body: (x) => [tf.sum(x, 0), tf.mean(x, [0, 2]), tf.max(x, 1), tf.min(x), tf.logSumExp(x, -1)],
    inputs: [numbers([3, 4, 5])],
  },
  softmax: { body: (x) => tf.softmax(x), inputs: [numbers([4, 6], { low: -5, high: 5 })] },
  products: {
    body: (a, b) => [tf.matMul(a, b), tf.matMul(b, a, true, true)],
    inputs: [numbers([3, 4]), numbers([4, 5], { seed: 2 })],
  },
  'convolution, same': { body: (x, f) => tf.conv2d(x as Tensor4D, f as Tensor4D, 2, 'same'), inputs: [images, filter] },
  'convolution, valid': {
    body: (x, f) => tf.conv2d(x as Tensor4D, f as Tensor4D, [1, 2], 'valid'),
    inputs: [images, filter],
  },
  'convolution, padded': { body: (x, f) => tf.conv2d(x as Tensor4D, f as Tensor4D, 1, 2), inputs: [images, filter] },
  'convolution, padded by sides': {
    body: (x, f) =>
      tf.conv2d(x as Tensor4D, f as Tensor4D, 2, [
        [0, 0],
        [2, 1],
        [0, 2],
        [0, 0],
      ] as never),
    inputs: [images, filter],
  },
  'padded max-pooling with ties': { body: (x) => tf.maxPool(x as Tensor4D, 3, 2, 1), inputs: [ties] },
  'padded average-pooling': { body: (x) => tf.avgPool(x as Tensor4D, 3, 2, 1), inputs: [ties] },
  'depthwise convolution, dilated': {
    body: (x, f) => tf.depthwiseConv2d(x as Tensor4D, f as Tensor4D, 1, 'valid', 'NHWC', [2, 3]),
    inputs: [images, numbers([3, 2, 2, 2], { seed: 2 })],
    options: { valuesOnly: true }, // per-example gradients have a derivative of their own
  },
  'transposed convolution': {
    body: (x, f) => tf.conv2dTranspose(x as Tensor4D, f as Tensor4D, [2, 8, 8, 3], 2, 'same'),
    inputs: [numbers([2, 4, 4, 2]), numbers([4, 4, 3, 2], { seed: 2 })],
  },
  'max-pooling with ties': { body: (x) => tf.maxPool(x as Tensor4D, 2, 2, 'valid'), inputs: [ties] },
  'overlapping max-pooling with ties': { body: (x) => tf.maxPool(x as Tensor4D, 3, 2, 'same'), inputs: [ties] },
  'average-pooling': { body: (x) => tf.avgPool(x as Tensor4D, 2, 2, 'valid'), inputs: [ties] },
  'average-pooling with padding': { body: (x) => tf.avgPool(x as Tensor4D, 3, 2, 'same'), inputs: [ties] },
  enlarging: { body: (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [10, 10]), inputs: [numbers([1, 5, 5, 2])] },
  'moving elements': {
    body: (x) => [
      tf.transpose(x, [2, 0, 1]),
      tf.reshape(tf.transpose(x), [-1]),
      tf.slice(x, [0, 1], [2, 2]),
      tf.pad(
        x,
        [
          [0, 0],
          [1, 2],
          [0, 1],
        ],
        0.5,
      ),
      tf.concat([x, tf.reverse(x, 1)], 1),
      ...tf.unstack(x, 1),
      tf.tile(x, [1, 2, 1]),
      tf.gather(x, [1, 0, 1], 0),
    ],
    inputs: [numbers([2, 3, 4])],
  },
  comparisons: {
    body: (a, b) => [
      tf.greater(a, b),
      tf.equal(a, b),
      tf.where(tf.less(a, b), a, b),
      tf.argMax(a, 1),
      tf.oneHot(tf.argMax(b, 1), 5),
    ],
    inputs: [wholeNumbers([4, 5]), wholeNumbers([4, 5], { seed: 2 })],
    options: { valuesOnly: true },
  },
};

for (const engine of ['onnx', 'tensorflow'] as const) {
  describe(`engine ${engine} gives what engine cpu gives`, () => {
    before(async function () {
      await loadable(this, engine);
    });

    for (const [name, { body, inputs, options }] of Object.entries(cases)) {
      it(name, () => expectParity(body, inputs, { ...options, engine }));
    }
  });
}
