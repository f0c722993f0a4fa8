import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { arraysOf, mapArrays } from '../arrays/tree.ts';
import { compile } from '../compile/compile.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { Clipping } from '../contracts/defense.ts';
import type { Layer, LayerTensors, Params, Weights } from '../contracts/model.ts';
import { type ClippedSum, clippedGradientSum, perExampleGradients } from './index.ts';
import { checkDerivatives, randomArray } from './testing/central-differences.ts';

/** y = x W, with its norms in closed form. */
const linear = (inputs: number, outputs: number, seed: number): Layer => ({
  name: 'linear',
  label: `linear ${outputs}`,
  outputShape: () => [outputs],
  init: () => ({ params: { kernel: randomArray([inputs, outputs], seed) }, state: {} }),
  apply: ({ kernel }, x) => ({ output: tf.matMul(x, kernel as Tensor), state: {} }),
  squaredGradientNorms: (_: LayerTensors, x, dy) => tf.mul(tf.sum(tf.square(x), 1), tf.sum(tf.square(dy), 1)),
});

const tanh: Layer = {
  name: 'tanh',
  label: 'tanh',
  outputShape: (inputShape) => inputShape,
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => ({ output: tf.tanh(x), state: {} }),
};

/** Three layers with parameters among five. */
const layers = [linear(4, 3, 1), tanh, linear(3, 3, 2), tanh, linear(3, 2, 3)];
const batch = 5;

interface Inputs {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly outputGradient: NdArray;
  readonly mask: NdArray;
}

const made = layers.map((layer) => layer.init(undefined as never, []));
const inputs: Inputs = {
  weights: { params: made.map(({ params }) => params), state: made.map(({ state }) => state) },
  x: randomArray([batch, 4], 21),
  outputGradient: randomArray([batch, 2], 22),
  mask: ndarray([batch], [1, 1, 0, 1, 1]),
};

const clippings: readonly Clipping[] = [
  { kind: 'flat' },
  { kind: 'per-layer' },
  { kind: 'per-layer', proportions: [0.5, 1, 2] },
  { kind: 'automatic', stabilizer: 0.01 },
  { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 1 },
];

const nameOf = (clipping: Clipping) =>
  clipping.kind === 'per-layer' && clipping.proportions ? 'per-layer with norms of its own' : clipping.kind;

const clipped = (clipNorm: number, clipping: Clipping) =>
  compile(
    'clipped sum',
    (arrays: Tensors<Inputs>): ClippedSum => clippedGradientSum({ layers, clipNorm, clipping, ...arrays }),
  );
const oneByOne = compile('one by one', (arrays: Tensors<Inputs>) => perExampleGradients({ layers, ...arrays }));

const flat = (tree: unknown): number[] => arraysOf(tree).flatMap(({ data }) => [...data]);
const norm = (values: readonly number[]): number => Math.hypot(...values);

/** One example's gradient, clipped as the definitions say. */
function clippedOne(gradient: Params, clipNorm: number, clipping: Clipping): number[] {
  const whole = norm(flat(gradient));
  const trained = gradient.filter((layer) => flat(layer).length > 0);
  const factorOf = (layer: Params[number]) => {
    if (clipping.kind === 'per-layer') {
      const { proportions = [1, 1, 1] } = clipping;
      const own = (clipNorm * (proportions[trained.indexOf(layer)] as number)) / norm(proportions);
      return Math.min(1, own / norm(flat(layer)));
    }
    if (clipping.kind === 'automatic') return clipNorm / (whole + clipping.stabilizer);
    return Math.min(1, clipNorm / whole);
  };
  return gradient.flatMap((layer) => flat(layer).map((value) => value * factorOf(layer)));
}

it('per-layer clipping refuses norms that are not one for each layer with parameters', async () => {
  for (const proportions of [
    [1, 2],
    [1, 2, 3, 4, 5],
  ]) {
    const message = await clipped(1, { kind: 'per-layer', proportions })(inputs).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).to.contain(
      `per-layer clipping has ${proportions.length} norms, but 3 layers have parameters. Give one for each.`,
    );
  }
});

const engines: readonly EngineName[] = ['cpu', 'onnx'];

for (const engine of engines) {
  describe(`clipping on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const clipping of clippings) {
      const name = nameOf(clipping);
      for (const clipNorm of [0.05, 0.6, 50]) {
        it(`${name} to ${clipNorm} is what its definition gives one by one`, async () => {
          const { gradient } = await clipped(clipNorm, clipping)(inputs);
          const ones = (await oneByOne(inputs)).map((own) => clippedOne(own as Params, clipNorm, clipping));
          const expected = (ones[0] as number[]).map((_, j) =>
            ones.reduce((sum, own, i) => sum + (inputs.mask.data[i] as number) * (own[j] as number), 0),
          );
          const actual = flat(gradient);
          expect(actual).to.have.length(expected.length);
          const error = norm(actual.map((value, j) => value - (expected[j] as number)));
          expect(error / norm(expected)).to.be.below(1e-5);
        });
      }

      it(`${name}: leaving an example out moves the sum by at most clipNorm`, async () => {
        const all = flat((await clipped(0.3, clipping)(inputs)).gradient);
        const moves: number[] = [];
        for (const index of [0, 1, 3, 4]) {
          const mask = ndarray([batch], [...inputs.mask.data].with(index, 0));
          const others = flat((await clipped(0.3, clipping)({ ...inputs, mask })).gradient);
          moves.push(norm(all.map((value, j) => value - (others[j] as number))));
        }
        expect(Math.max(...moves)).to.be.at.most(0.3 * (1 + 1e-6));
        expect(Math.max(...moves)).to.be.above(0.3 * 0.9); // per-layer too: C_l = C ÷ √L, not C ÷ L
      });

      it(`${name} counts an example whose gradient is not a number as 0`, async () => {
        const spoiled = { shape: inputs.x.shape, data: inputs.x.data.slice() };
        spoiled.data[4] = Number.NaN; // the second example
        const { gradient } = await clipped(0.3, clipping)({ ...inputs, x: spoiled });
        const without = await clipped(0.3, clipping)({ ...inputs, mask: ndarray([batch], [1, 0, 0, 1, 1]) });
        const expected = flat(without.gradient);
        for (const [j, value] of flat(gradient).entries()) expect(value).to.be.closeTo(expected[j] as number, 1e-6);
      });

      it(`${name} can be differentiated twice, at a gradient of 0 in a layer too`, async () => {
        const { outputGradient, mask, weights } = inputs;
        const asTensors = <T>(tree: T): Tensors<T> =>
          mapArrays(tree, ({ shape, data }) => tf.tensor(data, [...shape]) as unknown as NdArray) as Tensors<T>;
        // The last layer's input of example 0 is 0, and so is its gradient.
        const x = { shape: inputs.x.shape, data: inputs.x.data.map((value, i) => (i < 4 ? 0 : value)) };
        const { first, second } = await checkDerivatives(
          'simulated clipping',
          (variables) => {
            const held = asTensors({ outputGradient, mask, weights });
            const given = { layers, clipNorm: 0.7, clipping, ...held, x: variables['x'] as Tensor };
            const squares = flatTensors(clippedGradientSum(given).gradient).map((array) => tf.sum(tf.square(array)));
            return squares.reduce((sum, one) => tf.add(sum, one));
          },
          { x: clipping.kind === 'per-layer' ? x : inputs.x },
          5e-3,
        );
        for (const { gradient, difference } of [first, second]) {
          expect(gradient).to.be.closeTo(difference, 2e-3 * Math.max(1, Math.abs(difference)));
        }
      });
    }
  });
}

function flatTensors(gradient: ClippedSum['gradient']): Tensor[] {
  return gradient.flatMap((layer) => Object.values(layer));
}
