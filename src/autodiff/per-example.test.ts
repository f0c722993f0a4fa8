import { expect } from 'chai';
import { ndarray, sizeOf } from '../arrays/ndarray.ts';
import { arraysOf, mapArrays } from '../arrays/tree.ts';
import { compile } from '../compile/compile.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, type Tensor4D, tf } from '../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../contracts/array.ts';
import type { Layer, LayerNoise, LayerTensors, Params, Weights } from '../contracts/model.ts';
import { type ClippedSum, clippedGradientSum, filterGradientNorms, perExampleGradients, pullback } from './index.ts';
import { checkDerivatives, randomArray } from './testing/central-differences.ts';

const engines: readonly EngineName[] = ['cpu', 'onnx'];

/** y = tanh(x ∘ scale + shift): a layer without a closed form. */
const scaled: Layer = {
  name: 'scaled',
  label: 'scaled 3',
  outputShape: (inputShape) => inputShape,
  init: () => ({ params: { scale: randomArray([3], 11), shift: randomArray([3], 12) }, state: {} }),
  apply: ({ scale, shift }, x) => ({
    output: tf.tanh(tf.add(tf.mul(x, scale as Tensor), shift as Tensor)),
    state: {},
  }),
};

/** y = x W, with its norms in closed form, and noise added. */
const linear: Layer = {
  name: 'linear',
  label: 'linear 3',
  outputShape: () => [3],
  init: () => ({ params: { kernel: randomArray([4, 3], 13) }, state: {} }),
  noise: () => ({ distribution: 'normal', shape: [3] }),
  apply: ({ kernel }, x, { noise }) => ({ output: tf.add(tf.matMul(x, kernel as Tensor), noise as Tensor), state: {} }),
  squaredGradientNorms: (_: LayerTensors, x, dy) => tf.mul(tf.sum(tf.square(x), 1), tf.sum(tf.square(dy), 1)),
};

const square: Layer = {
  name: 'square',
  label: 'square',
  outputShape: (inputShape) => inputShape,
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => ({ output: tf.square(x), state: {} }),
};

const layers = [square, linear, square, scaled];
const batch = 5;

function weightsOf(list: readonly Layer[]): Weights {
  const made = list.map((layer) => layer.init(undefined as never, []));
  return { params: made.map(({ params }) => params), state: made.map(({ state }) => state) };
}

interface Inputs {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly outputGradient: NdArray;
  readonly mask: NdArray;
  readonly noise: LayerNoise;
}

const inputs: Inputs = {
  weights: weightsOf(layers),
  x: randomArray([batch, 4], 21),
  outputGradient: randomArray([batch, 3], 22),
  mask: ndarray([batch], [1, 1, 0, 1, 1]),
  noise: [undefined, randomArray([batch, 3], 23), undefined, undefined],
};

const asTensors = <T>(tree: T): Tensors<T> =>
  mapArrays(tree, ({ shape, data }) => tf.tensor(data, [...shape]) as unknown as NdArray) as Tensors<T>;

const clipped = (clipNorm: number, list = layers) =>
  compile(
    'clipped sum',
    (arrays: Tensors<Inputs>): ClippedSum => clippedGradientSum({ layers: list, clipNorm, ...arrays }),
  );
const oneByOne = compile('one by one', (arrays: Tensors<Inputs>) => perExampleGradients({ layers, ...arrays }));

const flat = (tree: unknown): number[] => arraysOf(tree).flatMap(({ data }) => [...data]);
const norm = (values: readonly number[]): number => Math.hypot(...values);

async function expectedSum(clipNorm: number, mask: NdArray): Promise<number[]> {
  const gradients = (await oneByOne(inputs)).map(flat);
  const factors = gradients.map((g, i) => (mask.data[i] as number) * Math.min(1, clipNorm / norm(g)));
  return (gradients[0] as number[]).map((_, j) =>
    gradients.reduce((sum, g, i) => sum + (factors[i] as number) * (g[j] as number), 0),
  );
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).to.have.length(expected.length);
  for (const [index, value] of actual.entries()) expect(value).to.be.closeTo(expected[index] as number, tolerance);
}

for (const engine of engines) {
  describe(`clippedGradientSum on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const clipNorm of [0.1, 0.7, 1e6]) {
      it(`is the sum of gradients that were taken and clipped to ${clipNorm} one by one`, async () => {
        const { gradient, norms } = await clipped(clipNorm)(inputs);
        const gradients = (await oneByOne(inputs)).map(flat);
        expectClose([...norms.data], gradients.map(norm), 1e-4);
        expectClose(flat(gradient), await expectedSum(clipNorm, inputs.mask), 1e-4);
      });
    }

    it('moves by at most clipNorm where one example is left out', async () => {
      const all = flat((await clipped(0.3)(inputs)).gradient);
      for (const index of [0, 1, 3, 4]) {
        const mask = ndarray([batch], [...inputs.mask.data].with(index, 0));
        const others = flat((await clipped(0.3)({ ...inputs, mask })).gradient);
        expect(norm(all.map((value, j) => value - (others[j] as number)))).to.be.at.most(0.3 * (1 + 1e-6));
      }
    });

    for (const [what, value] of [
      ['NaN', Number.NaN],
      ['infinite', Number.POSITIVE_INFINITY],
      ['too large for float32 when squared', 1e30],
    ] as const) {
      it(`counts an example whose gradient is ${what} as 0`, async () => {
        const spoiled = { shape: inputs.x.shape, data: inputs.x.data.slice() };
        spoiled.data[4] = value; // the second example
        const { gradient, norms } = await clipped(0.7)({ ...inputs, x: spoiled });
        const mask = ndarray([batch], [1, 0, 0, 1, 1]);
        expectClose(flat(gradient), await expectedSum(0.7, mask), 1e-4);
        expect(Number.isFinite(norms.data[1])).to.equal(false);
      });
    }

    it('can be differentiated: an attacker simulates it', async () => {
      const { outputGradient, mask, noise, weights } = inputs;
      const { first, second } = await checkDerivatives(
        'simulated clipping',
        ({ x }) => {
          const held = asTensors({ outputGradient, mask, noise, weights });
          const { gradient } = clippedGradientSum({ layers, clipNorm: 0.7, ...held, x: x as Tensor });
          const squares = gradient.flatMap((layer) => Object.values(layer).map((array) => tf.sum(tf.square(array))));
          return squares.reduce((sum, one) => tf.add(sum, one));
        },
        { x: inputs.x },
        5e-3,
      );
      for (const { gradient, difference } of [first, second]) {
        expect(gradient).to.be.closeTo(difference, 1e-3 * Math.max(1, Math.abs(difference)));
      }
    });

    it('gives zeros for a batch of padding', async () => {
      const { gradient } = await clipped(1)({ ...inputs, mask: ndarray([batch], [0, 0, 0, 0, 0]) });
      expect(flat(gradient).every((value) => value === 0)).to.equal(true);
    });

    it('counts a gradient of 0 as 0, not as 0 ÷ 0', async () => {
      const zero = ndarray([batch, 3], new Float32Array(batch * 3));
      const { gradient, norms } = await clipped(1)({ ...inputs, outputGradient: zero });
      expect([...flat(gradient), ...norms.data].every((value) => value === 0)).to.equal(true);
    });
  });

  describe(`filterGradientNorms on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    const wave = (shape: Shape, f: (x: number) => number): NdArray =>
      ndarray(
        shape,
        Array.from({ length: sizeOf(shape) }, (_, i) => f(1 + i)),
      );

    // By im2col in NumPy, ‖Uᵀ D‖ for each example: x = sin(1 + i) [2,6,6,2], kernel 3×3, 3 filters, dy = cos(1 + i), padding same.
    for (const { stride, size, kernelNorms, biasNorms } of [
      { stride: 1, size: 6, kernelNorms: [13.0251474621, 12.9657506132], biasNorms: [0.674936816802, 0.683128780031] },
      { stride: 2, size: 3, kernelNorms: [7.59042413033, 7.74189762258], biasNorms: [0.959982425743, 1.01276114399] },
    ]) {
      it(`reproduces the reference at stride ${stride}`, async () => {
        const f = compile('norms', ({ x, dy }: { x: Tensor; dy: Tensor }) => ({
          kernel: tf.sqrt(filterGradientNorms({ x, dy, window: { size: 3, stride, padding: 'same' } })),
          bias: tf.sqrt(tf.sum(tf.square(tf.sum(dy, [1, 2])), 1)),
        }));
        const { kernel, bias } = await f({ x: wave([2, 6, 6, 2], Math.sin), dy: wave([2, size, size, 3], Math.cos) });
        expectClose([...kernel.data], kernelNorms, 1e-4);
        expectClose([...bias.data], biasNorms, 1e-5);
      });
    }

    for (const window of [
      { size: 3, stride: 1, padding: 'same' },
      { size: 5, stride: 2, padding: 2 },
      { size: 3, stride: 2, padding: 'valid' },
      { size: 2, stride: 3, padding: 'valid' },
    ] as const) {
      const { size, stride, padding } = window;
      // 18 examples are more than a block of channels, and no whole number of them.
      for (const count of [3, 18]) {
        it(`agrees with filter gradients of ${count} one by one: ${size}×${size} stride ${stride} ${padding}`, async () => {
          const f = compile('both ways', ({ x, kernel }: { x: Tensor; kernel: Tensor }) => {
            const filter = (k: Tensor, image: Tensor) => tf.conv2d(image as Tensor4D, k as Tensor4D, stride, padding);
            const dy = tf.tanh(filter(kernel, x)); // any gradient of the right shape
            const own = tf.split(x, count).map((image, i) => {
              const gradient = pullback((k) => filter(k, image), kernel, tf.split(dy, count)[i] as Tensor).gradient;
              return tf.sum(tf.square(gradient));
            });
            return { together: filterGradientNorms({ x, dy, window }), own: tf.stack(own) };
          });
          const { together, own } = await f({
            x: randomArray([count, 8, 7, 2], 1),
            kernel: randomArray([size, size, 2, 3], 2),
          });
          for (const [i, norm] of together.data.entries()) {
            expect(norm / (own.data[i] as number)).to.be.closeTo(1, 1e-5);
          }
        });
      }

      it(`can be differentiated twice: ${size}×${size} stride ${stride} ${padding}`, async () => {
        const { first, second } = await checkDerivatives(
          'norms',
          ({ x, kernel }) => {
            const dy = tf.conv2d(x as Tensor4D, kernel as Tensor4D, stride, padding);
            return tf.sum(tf.sqrt(filterGradientNorms({ x: x as Tensor, dy, window })));
          },
          { x: randomArray([3, 8, 7, 2], 1), kernel: randomArray([size, size, 2, 3], 2) },
          5e-3,
        );
        for (const { gradient, difference } of [first, second]) {
          expect(gradient).to.be.closeTo(difference, 1e-3 * Math.max(1, Math.abs(difference)));
        }
      });
    }
  });
}

describe('clippedGradientSum', () => {
  before(() => tf.setBackend('cpu'));

  const one: Tensors<Params> = [{}];
  const call = (layer: Layer, clipNorm: number) => () =>
    clippedGradientSum({
      layers: [layer],
      weights: { params: one, state: one },
      x: tf.zeros([1, 2]),
      outputGradient: tf.zeros([1, 2]),
      mask: tf.ones([1]),
      clipNorm,
    });

  it('refuses a layer that mixes examples, naming it', () => {
    const mixing = { ...square, label: 'batch-norm', mixesExamples: true };
    expect(call(mixing, 1)).to.throw(RangeError, 'layer 1 (batch-norm) mixes the examples of a batch');
  });

  it('refuses a clipNorm that is not positive', () => {
    expect(call(square, 0)).to.throw(RangeError, 'clipNorm must be positive, but is 0.');
    expect(call(square, Number.NaN)).to.throw(RangeError, 'clipNorm must be positive, but is NaN.');
  });
});
