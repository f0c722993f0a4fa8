import fc from 'fast-check';
import { expectParity, numbers } from '../testing/parity.ts';
import { type Tensor2D, tf } from '../tf.ts';

const size = fc.integer({ min: 1, max: 5 });

describe('lowerings of matrix products', () => {
  it('values and gradients, transposed or not, by attribute and by layout', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(size, size, size),
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
        fc.constantFrom([], [1], [3], [2, 3]),
        ([rows, inner, columns], [transposeA, transposeB, turnA, turnB], batch) => {
          const swap = [...batch.map((_, axis) => axis), batch.length + 1, batch.length];
          const shapeOf = (a: number, b: number, flip: boolean) => (flip ? [...batch, b, a] : [...batch, a, b]);
          return expectParity(
            (a, b) =>
              tf.matMul(turnA ? tf.transpose(a, swap) : a, turnB ? tf.transpose(b, swap) : b, transposeA, transposeB),
            [
              numbers(shapeOf(rows, inner, transposeA !== turnA)),
              numbers(shapeOf(inner, columns, transposeB !== turnB), { seed: 2 }),
            ],
          );
        },
      ),
      { numRuns: 30 },
    ));

  it('over no numbers are 0, in a memory that was used before too', async () => {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      await expectParity(
        (a, b, x) => {
          const used = tf.sum(tf.exp(tf.matMul(x as Tensor2D, x as Tensor2D)));
          const product = tf.matMul(a, b, transposeA, transposeB);
          return tf.add(tf.mul(product, used), product);
        },
        [
          numbers([2, ...(transposeA ? [0, 3] : [3, 0])]),
          numbers([2, ...(transposeB ? [3, 0] : [0, 3])]),
          numbers([3, 3]),
        ],
        { valuesOnly: true },
      );
    }
  });

  it('of batches that broadcast', () =>
    expectParity((a, b) => tf.matMul(a, b), [numbers([1, 2, 3]), numbers([4, 3, 2], { seed: 2 })], {
      valuesOnly: true,
    }));

  it('of what only repeats', () =>
    expectParity(
      (a, b) => [tf.matMul(tf.broadcastTo(a, [3, 4]), b), tf.matMul(tf.ones([2, 4]), b)],
      [numbers([1, 4]), numbers([4, 2], { seed: 2 })],
    ));

  it('with vectors', () =>
    expectParity(
      (a, b) => [tf.dot(a, b), tf.outerProduct(a.as1D(), b.as1D())],
      [numbers([4]), numbers([4], { seed: 2 })],
    ));
});
