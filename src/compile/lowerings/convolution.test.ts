import fc from 'fast-check';
import { expectParity, numbers } from '../testing/parity.ts';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../tf.ts';

type Pad = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** One number is right for square kernels and strides only; and no window may lie in the padding. */
function fits(pad: Pad, kernel: readonly number[], strides: readonly number[]): boolean {
  if (typeof pad === 'string') return true;
  if (Math.min(...kernel) <= 2) return false;
  return typeof pad !== 'number' || (kernel[0] === kernel[1] && strides[0] === strides[1]);
}

const kernelSide = fc.integer({ min: 1, max: 5 });
const stride = fc.integer({ min: 1, max: 3 });

const windows = {
  kernel: fc.tuple(kernelSide, kernelSide),
  strides: fc.tuple(stride, stride),
  pad: fc.constantFrom<Pad[]>('same', 'valid', 1, [
    [0, 0],
    [1, 2],
    [0, 1],
    [0, 0],
  ]),
  seed: fc.nat({ max: 100 }),
};

interface Sizes {
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: Pad;
}

function isPossible({ height, width, kernel, strides, pad }: Sizes): boolean {
  return kernel[0] <= height && kernel[1] <= width && fits(pad, kernel, strides);
}

const convolution = fc
  .record({
    batch: fc.constantFrom(1, 2, 8),
    height: fc.integer({ min: 3, max: 9 }),
    width: fc.integer({ min: 3, max: 9 }),
    inChannels: fc.constantFrom(1, 2, 3, 8, 16, 17), // 8 and 16 are whole blocks
    outChannels: fc.constantFrom(1, 2, 8, 12, 16, 17), // 12 fills three quarters of a block
    ...windows,
  })
  .filter(isPossible)
  .filter(({ inChannels, outChannels, batch }) => inChannels * outChannels * batch < 300);

/** The gradient of its filter is a convolution of images in blocks, or (over 64 pixels) where they lie. */
const largeBatch = fc
  .record({
    batch: fc.constantFrom(13, 16, 30, 40),
    height: fc.integer({ min: 3, max: 16 }),
    width: fc.integer({ min: 3, max: 16 }),
    inChannels: fc.constantFrom(1, 3, 6),
    outChannels: fc.constantFrom(28, 32, 48),
    ...windows,
  })
  .filter(isPossible)
  .filter(({ batch, height, width, inChannels, outChannels }) => {
    return batch * height * width * inChannels * outChannels <= 2 ** 19;
  });

/** In strips, as far as they fit: channels are no whole blocks. */
const inStrips = fc
  .record({
    batch: fc.constantFrom(2, 8),
    height: fc.integer({ min: 3, max: 8 }),
    width: fc.integer({ min: 3, max: 8 }),
    inChannels: fc.constantFrom(9, 12),
    outChannels: fc.constantFrom(9, 20),
    ...windows,
  })
  .filter(isPossible);

const conv2d = (x: Tensor, filter: Tensor, strides: [number, number], pad: Pad) =>
  tf.conv2d(x as Tensor4D, filter as Tensor4D, strides, pad as 'same');

describe('lowerings of convolutions', () => {
  for (const [what, sizes, numRuns] of [
    ['values and both gradients', convolution, 100],
    ['values and both gradients of a batch in blocks', largeBatch, 24],
    ['values and both gradients in strips', inStrips, 40],
  ] as const) {
    it(`${what}, over shapes, strides and paddings`, () =>
      fc.assert(
        fc.asyncProperty(sizes, ({ batch, height, width, inChannels, outChannels, kernel, strides, pad, seed }) =>
          expectParity(
            (x, filter) => conv2d(x, filter, strides, pad),
            [
              numbers([batch, height, width, inChannels], { seed }),
              numbers([...kernel, inChannels, outChannels], { seed: seed + 1 }),
            ],
          ),
        ),
        { numRuns },
      ));
  }

  it('more rows left over than the image has', () =>
    expectParity(
      (x, filter) =>
        conv2d(
          x,
          filter,
          [3, 2],
          [
            [0, 0],
            [3, 0],
            [0, 3],
            [0, 0],
          ],
        ),
      [numbers([4, 1, 13, 11]), numbers([2, 1, 11, 12], { seed: 2 })],
    ));

  for (const [pad, strides] of [
    ['same', [1, 1]],
    ['same', [2, 1]],
    ['valid', [1, 1]],
  ] as const) {
    it(`batches whose columns are gathered in several parts, ${pad}, strides ${strides}`, () =>
      expectParity(
        (x, filter) => conv2d(x, filter, [...strides], pad),
        [numbers([16, 13, 9, 36]), numbers([3, 3, 36, 2], { seed: 2 })],
      ));

    it(`batches whose groups are added up, some filled with zeros, ${pad}, strides ${strides}`, () =>
      expectParity(
        (x, filter) => conv2d(x, filter, [...strides], pad),
        [numbers([29, 24, 14, 3]), numbers([3, 3, 3, 28], { seed: 2 })],
      ));
  }

  for (const pad of ['same', 'valid'] as const) {
    it(`many channels of few pixels, ${pad}`, () =>
      expectParity(
        (x, filter) => conv2d(x, filter, [1, 1], pad),
        [numbers([2, 4, 5, 64]), numbers([3, 2, 64, 80], { seed: 2 })],
      ));
  }

  for (const [inChannels, outChannels, pad, strides] of [
    [6, 16, 'valid', [1, 1]],
    [3, 32, 'same', [2, 1]],
    [12, 16, 1, [1, 1]],
  ] as const) {
    it(`batches of few channels, read one after the other: ${inChannels} to ${outChannels}, ${pad}`, () =>
      expectParity(
        (x, filter) => conv2d(x, filter, [...strides], pad),
        [numbers([32, 7, 6, inChannels]), numbers([5, 5, inChannels, outChannels], { seed: 2 })],
      ));
  }

  it('transposed convolutions', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<[number, number, 'same' | 'valid'][]>(
          [3, 1, 'same'],
          [4, 2, 'same'],
          [5, 2, 'valid'],
          [2, 3, 'valid'],
        ),
        fc.constantFrom(1, 2, 8),
        ([kernel, stride, pad], batch) => {
          const out = pad === 'same' ? 4 * stride : (4 - 1) * stride + kernel;
          return expectParity(
            (x, filter) => tf.conv2dTranspose(x as Tensor4D, filter as Tensor4D, [batch, out, out, 3], stride, pad),
            [numbers([batch, 4, 4, 2]), numbers([kernel, kernel, 3, 2], { seed: 2 })],
          );
        },
      ),
      { numRuns: 12 },
    ));

  for (const [inChannels, outChannels] of [
    [2, 3],
    [9, 12],
  ]) {
    it(`dilated convolutions, forward, ${inChannels} to ${outChannels} channels`, () =>
      expectParity(
        (x, filter) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same', 'NHWC', [2, 3]),
        [numbers([2, 9, 9, inChannels]), numbers([3, 2, inChannels, outChannels])],
        { valuesOnly: true },
      ));
  }

  it('convolutions in a row stay in one layout', () =>
    expectParity(
      (x, a, b, bias) => {
        const hidden = tf.relu(tf.add(conv2d(x, a, [1, 1], 'same'), bias));
        return conv2d(tf.sub(hidden, tf.mean(hidden, [1, 2], true)), b, [2, 2], 'same');
      },
      [numbers([2, 6, 6, 2]), numbers([3, 3, 2, 3]), numbers([3, 3, 3, 2], { seed: 3 }), numbers([3])],
    ));

  it('depthwise convolutions, values and gradients', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 3, 16, 18), // 16 are whole blocks, 18 are filled up
        fc.constantFrom(1, 2),
        fc.constantFrom<('same' | 'valid')[]>('same', 'valid'),
        fc.constantFrom<[number, number][]>([1, 1], [2, 1], [1, 2], [1, 3]),
        (channels, multiplier, pad, [stride, dilation]) =>
          expectParity(
            (x, filter) => tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, stride, pad, 'NHWC', dilation),
            [numbers([2, 7, 8, channels]), numbers([3, 2, channels, multiplier], { seed: 5 })],
            { valuesOnly: dilation > 1 },
          ),
      ),
      { numRuns: 40 },
    ));

  for (const [channels, filters, stride] of [
    [3, 4, 1],
    [16, 16, 1],
    [1, 12, 2],
    [64, 64, 1],
    [9, 12, 2],
  ] as const) {
    it(`of no images, ${channels} to ${filters} channels, stride ${stride}, have filter gradients of 0`, () =>
      expectParity(
        (x, filter, matrix) => {
          const used = tf.sum(tf.exp(tf.matMul(matrix as Tensor2D, matrix as Tensor2D))); // in memory that may come again
          return tf.mul(tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, 'same'), used);
        },
        [numbers([0, 8, 8, channels]), numbers([3, 3, channels, filters]), numbers([9, 9])],
      ));
    it(`depthwise, of no images, ${channels} channels, stride ${stride}, too`, () =>
      expectParity(
        (x, filter, matrix) => {
          const used = tf.sum(tf.exp(tf.matMul(matrix as Tensor2D, matrix as Tensor2D)));
          return tf.mul(tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, stride, 'same'), used);
        },
        [numbers([0, 8, 8, channels]), numbers([3, 3, channels, 2]), numbers([9, 9])],
      ));
  }
});
