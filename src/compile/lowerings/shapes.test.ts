import fc from 'fast-check';
import { expectParity, numbers, wholeNumbers } from '../testing/parity.ts';
import { type Tensor, type Tensor4D, tf } from '../tf.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

/** A shape with a permutation of its axes. */
const permutedShape = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    perm: fc.shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    ),
  }),
);

describe('lowerings of kernels that move elements', () => {
  it('transposes, and computes on what is transposed', () =>
    fc.assert(
      fc.asyncProperty(permutedShape, ({ shape, perm }) =>
        expectParity(
          (x, y) => {
            const turned = tf.transpose(x, perm);
            return [
              tf.mul(turned, tf.slice(tf.reshape(y, turned.shape), 0)),
              tf.sum(turned, 0),
              tf.mean(turned, [-1], true),
            ];
          },
          [numbers(shape), numbers(shape, { seed: 2 })],
        ),
      ),
      { numRuns: 25 },
    ));

  it('transposes large arrays of short rows under leading axes', () =>
    expectParity((x) => [tf.transpose(x, [0, 2, 1, 3]), tf.transpose(x, [0, 2, 3, 1])], [numbers([4, 5, 13, 12])]));

  it('reshapes what is transposed', () =>
    fc.assert(
      fc.asyncProperty(permutedShape, fc.nat({ max: 5 }), ({ shape, perm }, at) =>
        expectParity(
          (x) => {
            const turned = tf.transpose(x, perm);
            const axis = Math.min(at, shape.length);
            const wide = tf.expandDims(turned, axis);
            return [tf.reshape(turned, [-1]), wide, tf.squeeze(wide), tf.mul(wide, tf.expandDims(turned, axis))];
          },
          [numbers(shape)],
        ),
      ),
      { numRuns: 25 },
    ));

  it('computes on what is reshaped alike, and on what repeats beside it', () =>
    fc.assert(
      fc.asyncProperty(shapes, fc.nat({ max: 5 }), fc.nat({ max: 5 }), (shape, first, second) =>
        expectParity(
          (x, y) => {
            // Both split and joined axes, and operands that repeat along leading axes, inner ones, or all.
            const [outer, inner] = [first % shape.length, second % shape.length];
            const flat = [-1, ...shape.slice(outer)];
            const [a, b] = [tf.reshape(x, flat), tf.reshape(tf.neg(y), flat)];
            const line = tf.mean(
              x,
              shape.map((_, axis) => axis).filter((axis) => axis !== inner),
            );
            const alongLast = tf.reshape(tf.mean(x, 0), [...shape.slice(1)]);
            const alongInner = tf.reshape(
              line,
              shape.map((size, axis) => (axis === inner ? size : 1)),
            );
            const whole = tf.reshape(tf.sigmoid(tf.mul(a, tf.add(b, 1))), shape);
            return [
              whole,
              tf.add(whole, alongInner),
              tf.mul(tf.add(alongLast, whole), tf.reshape(a, shape)),
              tf.reshape(tf.sub(tf.reshape(tf.sub(a, b), shape), alongInner), flat),
            ];
          },
          [numbers(shape), numbers(shape, { seed: 2 })],
        ),
      ),
      { numRuns: 25 },
    ));

  it('adds to a product of matrices what lies as images do', () =>
    expectParity(
      (rows, matrix, bias) => {
        const images = tf.reshape(tf.matMul(rows, matrix), [2, 4, 3, 4]);
        const perRow = tf.reshape(bias, [1, 4, 1, 1]); // as many rows as channels, but not along the channels
        const means = tf.mean(images, [0, 2, 3], true);
        const sums = tf.sum(tf.sigmoid(tf.add(images, bias)), [1, 2]);
        return [tf.add(tf.add(images, bias), perRow), tf.mul(images, means), tf.add(sums, bias)];
      },
      [numbers([24, 5]), numbers([5, 4], { seed: 2 }), numbers([4], { seed: 3 })],
    ));

  it('splits axes of what is transposed', () =>
    fc.assert(
      fc.asyncProperty(permutedShape, fc.nat({ max: 4 }), ({ shape, perm }, at) =>
        expectParity(
          (x) => {
            const axis = at % shape.length;
            const doubled = tf.transpose(tf.concat([x, x], perm[axis]), perm); // this axis is even
            const size = doubled.shape[axis] / 2;
            const parts = (...sizes: number[]) => tf.reshape(doubled, doubled.shape.toSpliced(axis, 1, ...sizes));
            const repeated = tf.add(tf.mean(doubled, axis, true), tf.zerosLike(doubled)); // stored once along this axis
            const halves = tf.reshape(repeated, repeated.shape.toSpliced(axis, 1, 2, 1, size));
            return [parts(2, size), parts(1, size, 2), tf.sum(parts(size, 2), axis), tf.mul(halves, 2)];
          },
          [numbers(shape)],
        ),
      ),
      { numRuns: 40 },
    ));

  it('slices, pads and joins in any layout', () =>
    fc.assert(
      fc.asyncProperty(permutedShape, fc.nat({ max: 4 }), fc.nat({ max: 2 }), ({ shape, perm }, axis, amount) =>
        expectParity(
          (x) => {
            const turned = tf.transpose(x, perm);
            const along = axis % shape.length;
            const begin = turned.shape.map((size, i) => (i === along ? Math.min(amount, size - 1) : 0));
            const part = tf.slice(turned, begin);
            const paddings = turned.shape.map((_, i): [number, number] => (i === along ? [amount, 1] : [0, amount]));
            return [
              part,
              tf.pad(turned, paddings, 0.5),
              tf.concat([turned, part, turned], along),
              tf.stack([turned, turned], along),
            ];
          },
          [numbers(shape)],
        ),
      ),
      { numRuns: 25 },
    ));

  it('reverses', () =>
    expectParity(
      (x) => [tf.reverse(x, 0), tf.reverse(x, [1, 2]), tf.reverse(tf.transpose(x), -1)],
      [numbers([2, 3, 4])],
    ));

  it('tiles, along axes of size 1 too', () =>
    expectParity(
      (x) => {
        const wide = tf.tile(x, [3, 2, 1]);
        return [
          wide,
          tf.mul(wide, 2),
          tf.tile(x, [2, 1, 4]),
          tf.sum(tf.tile(x, [5, 1, 1]), 0),
          tf.mean(tf.tile(x, [5, 1, 1])),
        ];
      },
      [numbers([1, 2, 3])],
    ));

  it('computes on what only repeats', () =>
    fc.assert(
      fc.asyncProperty(shapes, fc.nat({ max: 31 }), (shape, ones) =>
        expectParity(
          (x) => {
            const wide = tf.broadcastTo(x, shape);
            const last = shape.length - 1;
            return [
              tf.sum(wide, 0),
              tf.mean(wide),
              tf.max(wide, last),
              tf.prod(tf.mul(wide, 0.5), last),
              tf.reshape(wide, [-1]),
              tf.reverse(tf.transpose(wide), 0),
              tf.concat([wide, wide], last),
              tf.pad(
                wide,
                shape.map((): [number, number] => [1, 0]),
              ),
              tf.softmax(wide),
              tf.slice(
                wide,
                0,
                shape.map(() => 1),
              ),
            ];
          },
          [numbers(shape.map((size, axis) => ((ones >> axis) & 1 ? 1 : size)))],
          { valuesOnly: true },
        ),
      ),
      { numRuns: 20 },
    ));

  it('splits and unstacks', () =>
    expectParity(
      (x) => [...tf.split(x, 2, 1), ...tf.split(x, [1, 2], 0), ...tf.unstack(x, 1), ...tf.unstack(x, -1)],
      [numbers([3, 4, 2])],
    ));

  it('takes strided slices', () =>
    expectParity(
      (x) => [
        tf.stridedSlice(x, [0, 1], [4, 5], [2, 3]),
        tf.stridedSlice(x, [3, -1], [0, -5], [-1, -2]),
        tf.stridedSlice(x, [1, 0], [2, 5], [1, 1], 0, 0, 0, 0, 1),
        tf.stridedSlice(x, [-1], [-9], [-1]),
      ],
      [numbers([4, 5])],
      { valuesOnly: true },
    ));

  it('pads with mirror images', () =>
    expectParity(
      (x) => [
        tf.mirrorPad(
          x,
          [
            [1, 2],
            [2, 0],
          ],
          'reflect',
        ),
        tf.mirrorPad(
          x,
          [
            [1, 3],
            [4, 2],
          ],
          'symmetric',
        ),
      ],
      [numbers([3, 4])],
      { valuesOnly: true },
    ));

  it('gathers, in any layout, with indices that are known or not', () =>
    expectParity(
      (x, i) => {
        const indices = tf.cast(i, 'int32');
        const turned = tf.transpose(x, [2, 0, 1]);
        return [
          tf.gather(x, indices, 1),
          tf.gather(turned, [2, 0, 0], 0),
          tf.gather(turned, tf.tensor2d([[1, 0]], [1, 2], 'int32'), 1),
        ];
      },
      [numbers([2, 3, 4]), wholeNumbers([5], { low: 0, high: 2 })],
      { gradientOf: [0] },
    ));

  it('gathers and scatters at coordinates', () =>
    expectParity(
      (x, i) => {
        const indices = tf.cast(tf.reshape(i, [3, 2]), 'int32');
        return [tf.gatherND(x, indices), tf.scatterND(indices, tf.gatherND(x, indices), [3, 3, 2])];
      },
      [numbers([3, 3, 2]), wholeNumbers([6], { low: 0, high: 2 })],
      { valuesOnly: true },
    ));

  it('sums segments', () =>
    expectParity(
      (x, i) => tf.unsortedSegmentSum(x, tf.cast(i, 'int32').as1D(), 4),
      [numbers([6, 2, 3]), wholeNumbers([6], { low: 0, high: 3 })],
      {
        gradientOf: [0],
      },
    ));

  it('makes one-hot rows', () =>
    expectParity(
      (i) => [tf.oneHot(tf.cast(i, 'int32'), 4), tf.oneHot(tf.cast(i, 'int32'), 3, 2, -1, 'float32')],
      [wholeNumbers([2, 3], { low: -1, high: 4 })],
      { valuesOnly: true },
    ));

  it('knows ranges', () =>
    expectParity(
      (x) => [tf.add(x, tf.range(0, 5)), tf.mul(x, tf.linspace(-1, 1, 5)), tf.add(x, tf.range(5, 0, -1, 'int32'))],
      [numbers([5])],
    ));

  it('moves channels to pixels', () =>
    expectParity((x) => tf.depthToSpace(x as Tensor4D, 2), [numbers([2, 2, 3, 8])], { valuesOnly: true }));

  it('takes scalars, empty arrays and axes of size 1', async () => {
    await expectParity(
      (x) => [tf.square(x), tf.reshape(x, [1, 1, 1]), tf.sum(x), tf.add(x, tf.ones([2]))],
      [numbers([])],
    );
    await expectParity(
      (x) => [tf.concat([x, tf.ones([2, 3])], 0), tf.sum(x), tf.mul(x, 2), tf.transpose(x)],
      [numbers([0, 3])],
      { valuesOnly: true },
    );
    await expectParity(
      (x: Tensor) => [tf.max(x, 0), tf.transpose(x, [1, 2, 0]), tf.reshape(x, [1, 3])],
      [numbers([1, 3, 1])],
    );
  });
});
