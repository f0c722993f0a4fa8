import { expect } from 'chai';
import fc from 'fast-check';
import { operatorsOf } from '../testing/operators.ts';
import { expectParity, numbers } from '../testing/parity.ts';
import { type Tensor, type Tensor4D, tf } from '../tf.ts';

/** How many nodes of this kind the graph of the body has. */
function countOf(op: string, ...graph: Parameters<typeof operatorsOf>): number {
  return operatorsOf(...graph).filter((own) => own === op).length;
}

const conv2d = (x: Tensor, filter: Tensor, stride = 1) => tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, 'same');

const transposed = (dy: Tensor, filter: Tensor, stride = 2) =>
  tf.conv2dTranspose(dy as Tensor4D, filter as Tensor4D, [2, 7, 8, filter.shape[2] ?? 1], stride, 'same');

describe('sums of what was made alike', () => {
  for (const op of ['add', 'sub'] as const) {
    it(`two convolutions, ${op}`, () =>
      fc.assert(
        fc.asyncProperty(fc.constantFrom(1, 2), fc.constantFrom(2, 8), (stride, batch) =>
          expectParity(
            (x, f, y, g) => tf[op](conv2d(x, f, stride), conv2d(y, g, stride)),
            [
              numbers([batch, 6, 5, 9]),
              numbers([3, 3, 9, 12], { seed: 2 }),
              numbers([batch, 6, 5, 9], { seed: 3 }),
              numbers([3, 3, 9, 12], { seed: 4 }),
            ],
          ),
        ),
        { numRuns: 4 },
      ));
  }

  it('two convolutions of which one is wanted by itself too, and one with itself', () =>
    expectParity(
      (x, f, g) => {
        const [a, b] = [conv2d(x, f), conv2d(x, g)];
        return [a, tf.add(a, b), tf.add(b, b), tf.sub(b, b)];
      },
      [numbers([2, 6, 5, 9]), numbers([3, 3, 9, 12], { seed: 2 }), numbers([3, 3, 9, 12], { seed: 3 })],
    ));

  it('two transposed convolutions, of the same and of other numbers of channels', async () => {
    for (const channels of [2, 5]) {
      await expectParity(
        (a, f, b, g) => tf.add(transposed(a, f), transposed(b, g)),
        [
          numbers([2, 4, 4, 2]),
          numbers([3, 3, 3, 2], { seed: 2 }),
          numbers([2, 4, 4, channels], { seed: 3 }),
          numbers([3, 3, 3, channels], { seed: 4 }),
        ],
      );
    }
  });

  it('two transposed convolutions with other kernels or strides, which stay apart', () =>
    expectParity(
      (a, f, b, g) => tf.add(tf.add(transposed(a, f), transposed(a, g)), transposed(b, g, 1)),
      [
        numbers([2, 4, 4, 2]),
        numbers([3, 3, 3, 2], { seed: 2 }),
        numbers([2, 7, 8, 2], { seed: 3 }),
        numbers([5, 5, 3, 2], { seed: 4 }),
      ],
    ));

  it('what is surrounded by zeros, and by other numbers', () =>
    expectParity(
      (x, y) =>
        [0, 2].map((value) =>
          tf.add(
            ...([x, y].map((t) =>
              tf.pad(
                t,
                [
                  [1, 2],
                  [0, 1],
                ],
                value,
              ),
            ) as [Tensor, Tensor]),
          ),
        ),
      [numbers([3, 4]), numbers([3, 4], { seed: 2 })],
    ));

  it('what is reduced or gathered alike, of the same rank and of others', () =>
    expectParity(
      (x, y) => {
        const [a, b] = [tf.sum(x, [0]), tf.sum(y, [0])];
        const sums = [tf.add(a, b), tf.add(b, tf.expandDims(a, 0)), tf.sub(tf.expandDims(a, 0), b)];
        const rows = [x, y].map((t) => tf.gather(t, [2, 0])) as [Tensor, Tensor];
        return [
          ...sums,
          ...sums.map((sum) => tf.sum(sum, -1)),
          tf.concat([sums[1], sums[1]] as Tensor[], 1),
          tf.add(...rows),
        ];
      },
      [numbers([3, 4, 5]), numbers([3, 4, 5], { seed: 2 })],
    ));

  it('products of what only repeats along the batch', () =>
    expectParity(
      (x, y) => {
        const [a, b] = [x, y].map((t) => tf.tile(tf.expandDims(t, 0), [3, 1, 1])) as [Tensor, Tensor];
        const product = tf.matMul(a, b, false, true);
        return [product, tf.sum(product, 0), tf.add(product, tf.matMul(a, a, false, true))];
      },
      [numbers([4, 5]), numbers([4, 5], { seed: 2 })],
    ));

  it('four convolutions', () =>
    expectParity(
      (x, ...filters) => filters.map((filter) => conv2d(x, filter)).reduce((sum, term) => tf.add(sum, term)),
      [numbers([2, 6, 5, 9]), ...[2, 3, 4, 5].map((seed) => numbers([3, 3, 9, 12], { seed }))],
    ));

  it('are moved once, and added to the image once', () => {
    const images = [numbers([2, 6, 5, 9]), numbers([3, 3, 9, 12]), numbers([3, 3, 9, 12], { seed: 2 })];
    const alone = countOf('ReduceSum', (x, f) => conv2d(x, f), images);
    expect(alone).to.equal(1);
    expect(countOf('ReduceSum', (x, f, g) => tf.add(conv2d(x, f), conv2d(tf.square(x), g)), images)).to.equal(1);
    const three = (x: Tensor, f: Tensor, g: Tensor) =>
      tf.add(tf.add(conv2d(x, f), conv2d(x, g)), conv2d(tf.square(x), g));
    expect(countOf('ReduceSum', three, images)).to.equal(1);
    const gradients = [numbers([2, 4, 4, 2]), numbers([3, 3, 3, 2]), numbers([3, 3, 3, 2], { seed: 2 })];
    expect(countOf('ConvTranspose', (a, f, g) => tf.add(transposed(a, f), transposed(a, g)), gradients)).to.equal(1);
    expect(countOf('ConvTranspose', (a, f, g) => tf.mul(transposed(a, f), transposed(a, g)), gradients)).to.equal(2);
  });
});
