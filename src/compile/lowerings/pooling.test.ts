import fc from 'fast-check';
import { expectParity, numbers, wholeNumbers } from '../testing/parity.ts';
import { type Tensor4D, tf } from '../tf.ts';

type Pad = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** One number is right for square kernels and strides only; and a window wholly in the padding has no maximum. */
function fits(pad: Pad, kernel: readonly number[], strides: readonly number[]): boolean {
  if (typeof pad === 'string') return true;
  if (Math.min(...kernel) <= 1) return false;
  return typeof pad !== 'number' || (kernel[0] === kernel[1] && strides[0] === strides[1]);
}

const pooling = fc
  .record({
    batch: fc.constantFrom(1, 2, 8),
    height: fc.integer({ min: 3, max: 8 }),
    width: fc.integer({ min: 3, max: 8 }),
    channels: fc.constantFrom(1, 3),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom<Pad[]>('same', 'valid', 1, [
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ]),
    seed: fc.nat({ max: 100 }),
  })
  .filter(({ pad, kernel, strides }) => fits(pad, kernel, strides));

describe('lowerings of pooling', () => {
  it('max: values and gradients over shapes, strides and paddings, with many ties', () =>
    fc.assert(
      fc.asyncProperty(pooling, ({ batch, height, width, channels, kernel, strides, pad, seed }) =>
        expectParity(
          (x) => tf.maxPool(x as Tensor4D, kernel, strides, pad as 'same'),
          [wholeNumbers([batch, height, width, channels], { seed, low: 0, high: 2 })],
        ),
      ),
      { numRuns: 40 },
    ));

  it('average: values and gradients over shapes, strides and paddings', () =>
    fc.assert(
      fc.asyncProperty(pooling, ({ batch, height, width, channels, kernel, strides, pad, seed }) =>
        expectParity(
          (x) => tf.avgPool(x as Tensor4D, kernel, strides, pad as 'same'),
          [numbers([batch, height, width, channels], { seed })],
        ),
      ),
      { numRuns: 30 },
    ));

  it('max: all of the gradient goes to exactly one entry of a window of equal ones', () =>
    expectParity((x) => tf.maxPool(x as Tensor4D, 2, 2, 'valid'), [wholeNumbers([2, 4, 4, 2], { low: 0, high: 0 })]));
});
