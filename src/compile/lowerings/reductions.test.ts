import { expect } from 'chai';
import fc from 'fast-check';
import { operatorsOf } from '../testing/operators.ts';
import { expectParity, numbers, wholeNumbers } from '../testing/parity.ts';
import { type Tensor, tf } from '../tf.ts';

/** A shape, some of its axes, and whether these stay with size 1. */
const reduction = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray(
      shape.map((_, axis) => axis),
      { minLength: 1 },
    ),
    keepDims: fc.boolean(),
    perm: fc.shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    ),
  }),
);

type Reduction = (x: Tensor, axes: number[], keepDims: boolean) => Tensor;
const reductions: Record<string, Reduction> = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod };

describe('lowerings of reductions', () => {
  for (const [name, reduce] of Object.entries(reductions)) {
    it(`${name}: values and gradients over any axes and layouts`, () =>
      fc.assert(
        fc.asyncProperty(reduction, ({ shape, axes, keepDims, perm }) =>
          expectParity((x) => reduce(tf.transpose(x, perm), axes, keepDims), [numbers(shape)]),
        ),
        { numRuns: 12 },
      ));
  }

  it('sums whole numbers and truths', () =>
    expectParity(
      (x) => [
        tf.sum(tf.cast(x, 'int32'), 0),
        tf.sum(tf.greater(x, 0)),
        tf.sum(tf.square(tf.cast(x, 'int32'))),
        tf.all(tf.greater(x, -2), 1),
        tf.any(tf.greater(x, 1), 0, true),
        tf.mean(tf.cast(x, 'int32')),
      ],
      [wholeNumbers([4, 3])],
      { valuesOnly: true },
    ));

  it('sums squares, of all numbers or along some axes, in any layout', () =>
    fc.assert(
      fc.asyncProperty(reduction, ({ shape, axes, keepDims, perm }) =>
        expectParity(
          (x, y) => {
            const turned = tf.transpose(x, perm);
            const repeated = tf.add(tf.zeros([2, ...turned.shape]), turned);
            return [
              tf.sum(tf.square(turned)),
              tf.sum(tf.square(turned), axes, keepDims),
              tf.sum(tf.square(tf.reshape(turned, [-1])), 0, keepDims),
              tf.sum(tf.square(tf.sub(turned, tf.transpose(y, perm)))),
              tf.sum(tf.mul(turned, tf.transpose(y, perm))),
              tf.sum(tf.square(repeated)),
            ];
          },
          [numbers(shape), numbers(shape, { seed: 2 })],
        ),
      ),
      { numRuns: 12 },
    ));

  it('sums many squares as precisely as eager', () =>
    expectParity((x) => [tf.sum(tf.square(x)), tf.sum(tf.square(tf.transpose(x)))], [numbers([700, 900])], {
      valuesOnly: true,
    }));

  it('sums long rows of squares as precisely as eager', () =>
    expectParity((x) => [tf.sum(tf.square(x), 1), tf.sum(tf.square(tf.transpose(x)), 0)], [numbers([3, 300_000])], {
      valuesOnly: true,
    }));

  it('stores no squares where all numbers or long rows of them are summed', () => {
    const sums = (axes?: number[]) => (x: Tensor) => tf.sum(tf.square(x), axes);
    expect(operatorsOf(sums(), [numbers([3, 300])])).to.deep.equal(['ReduceSumSquare']);
    expect(operatorsOf(sums([1, 2]), [numbers([3, 10, 30])]))
      .to.include('FusedMatMul')
      .and.not.include('Mul');
    expect(operatorsOf(sums([1]), [numbers([3, 30])])).to.deep.equal(['Mul', 'ReduceSum']);
    expect(operatorsOf(sums([0]), [numbers([300, 3])])).to.deep.equal(['Mul', 'ReduceSum']);
  });

  it('sums no squares to 0', () =>
    expectParity(
      (x, y) => [tf.sum(tf.square(x), 1), tf.sum(tf.square(y), 1, true)],
      [numbers([3, 0]), numbers([0, 3])],
    ));

  it('gives known sums of known numbers', () =>
    expectParity(
      (x) => [tf.add(x, tf.sum(tf.ones([3, 4]), 1)), tf.mul(x, tf.prod(tf.fill([2, 3], 1.5)))],
      [numbers([3])],
    ));

  it('takes the first of equal ones as largest and smallest', () =>
    expectParity((x) => [tf.argMax(x, 0), tf.argMax(x, -1), tf.argMin(x, 1)], [wholeNumbers([4, 5, 3])], {
      valuesOnly: true,
    }));

  it('softmax and log-sum-exp, in any layout', () =>
    expectParity(
      (x) => [tf.softmax(x), tf.softmax(tf.transpose(x)), tf.logSumExp(x, 0)],
      [numbers([3, 5], { low: -6, high: 6 })],
    ));

  it('sums and multiplies cumulatively', () =>
    expectParity(
      (x) => [
        tf.cumsum(x, 0),
        tf.cumsum(x, 1, true),
        tf.cumsum(tf.transpose(x), 0, false, true),
        tf.cumprod(x, 1),
        tf.cumprod(x, 0, true),
        tf.cumprod(x, 1, true, true),
      ],
      [numbers([3, 5])],
      { valuesOnly: true },
    ));

  it('finds the k largest', () =>
    expectParity(
      (x) => {
        const { values, indices } = tf.topk(x, 2);
        return [values, indices];
      },
      [numbers([3, 5])],
      { valuesOnly: true },
    ));

  it('normalizes with given statistics', () =>
    expectParity(
      (x, mean, scale) =>
        tf.batchNorm(x, mean as never, tf.add(tf.square(mean), 0.5) as never, mean as never, scale as never, 1e-3),
      [numbers([2, 3, 3, 4]), numbers([4]), numbers([4], { seed: 3 })],
    ));

  it('normalizes the result of a convolution, whose channels lie first', () =>
    expectParity(
      (x, filter, mean, scale) => {
        const convolved = tf.conv2d(x as never, filter as never, 1, 'valid');
        const variance = tf.add(tf.square(mean), 0.5);
        return tf.batchNorm(convolved, mean as never, variance as never, scale as never, mean as never, 1e-3);
      },
      [numbers([2, 4, 5, 2]), numbers([2, 3, 2, 4]), numbers([4]), numbers([4], { seed: 3 })],
    ));
});
