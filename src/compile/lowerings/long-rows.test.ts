import { expect } from 'chai';
import fc from 'fast-check';
import onnxProto from 'onnx-proto';
import type { Shape } from '../../contracts/array.ts';
import { trace } from '../graph/trace.ts';
import { expectParity, numbers } from '../testing/parity.ts';
import { type Tensor, type Tensor2D, tf } from '../tf.ts';

const operations = [tf.add, tf.sub, tf.mul] as const;

type Body = (a: Tensor, b: Tensor) => Tensor;

/** Of the operand that is repeated, how often each node that repeats one does. */
function timesRepeated(body: Body, shapes: readonly [Shape, Shape]): number[] {
  const model = trace({ functionName: 'rows', inputShapes: shapes, target: {} }, ([a, b]) => [
    body(a as Tensor, b as Tensor),
  ]);
  const graph = onnxProto.onnx.ModelProto.decode(model.bytes).graph;
  const tiles = (graph?.node ?? []).filter(({ opType }) => opType === 'Tile');
  return tiles.map(({ input }) => {
    const times = graph?.initializer?.find(({ name }) => name === input?.[1])?.rawData as Uint8Array;
    return Number(new DataView(times.buffer, times.byteOffset).getBigInt64(times.length - 8, true));
  });
}

describe('short rows that repeat', () => {
  it('are the same as long ones', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.record({
          lead: fc.constantFrom(1, 2, 3),
          middle: fc.constantFrom([1, 131], [16, 9], [64, 8], [1, 1], [7, 64]),
          row: fc.constantFrom([1], [2], [5, 3], [12, 1], [127]),
          isShared: fc.boolean(),
        }),
        fc.boolean(),
        (operation, { lead, middle, row, isShared }, isFirst) => {
          const whole = numbers([lead, ...middle, ...row]);
          const short = numbers(isShared ? row : [lead, 1, 1, ...row], { seed: 2 });
          const body = (a: Tensor, b: Tensor) => (isFirst ? operation(b, a) : operation(a, b)) as Tensor;
          return expectParity(body, [whole, short]);
        },
      ),
      { numRuns: 40 },
    ));

  it('are the same where what they are combined with goes on being combined', () =>
    expectParity(
      (x, bias, filter) => {
        const y = tf.sigmoid(tf.add(x, bias));
        return tf.matMul(tf.reshape(tf.mul(tf.sub(y, tf.mul(x, bias)), y), [-1, 12]) as Tensor2D, filter as Tensor2D);
      },
      [numbers([3, 14, 14, 12]), numbers([12], { seed: 2 }), numbers([12, 4], { seed: 3 })],
    ));

  it('are repeated until they are long, as often as divides their number', () => {
    expect(timesRepeated(tf.add, [[32, 14, 14, 12], [12]])).to.deep.equal([14]);
    expect(
      timesRepeated(tf.sub, [
        [32, 1, 1, 12],
        [32, 14, 14, 12],
      ] as never),
    ).to.deep.equal([14]);
    expect(
      timesRepeated(tf.mul, [
        [100, 64, 12],
        [100, 1, 12],
      ]),
    ).to.deep.equal([16]);
  });

  it('stay as they are where they are few, long, single numbers, of a number without small divisors, or rows of a product', () => {
    expect(timesRepeated(tf.add, [[9, 9, 12], [12]])).to.deep.equal([]);
    expect(timesRepeated(tf.add, [[200, 128], [128]])).to.deep.equal([]);
    expect(
      timesRepeated(tf.add, [
        [200, 12],
        [200, 1],
      ]),
    ).to.deep.equal([]);
    expect(timesRepeated((a, b) => tf.where(tf.greater(a, 0), b, a), [[200, 12], [12]])).to.deep.equal([]);
    expect(timesRepeated(tf.mul, [[1, 131, 12], [12]])).to.deep.equal([]);
    expect(
      timesRepeated(tf.mul, [
        [100, 2, 12],
        [100, 1, 12],
      ]),
    ).to.deep.equal([]);
    const product: Body = (a, b) => tf.add(tf.matMul(a as Tensor2D, tf.ones([6, 12])), b);
    expect(timesRepeated(product, [[200, 6], [12]])).to.deep.equal([]);
    const turned: Body = (a, b) => tf.add(tf.matMul(a as Tensor2D, tf.ones([6, 12]), true), b);
    expect(timesRepeated(turned, [[6, 200], [12]])).to.deep.equal([]);
  });
});
