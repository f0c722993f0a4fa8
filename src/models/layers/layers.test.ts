import { expect } from 'chai';
import { ShapeError } from '../../arrays/errors.ts';
import { seededRng } from '../../arrays/rng.ts';
import { arraysOf } from '../../arrays/tree.ts';
import { clippedGradientSum, perExampleGradients } from '../../autodiff/index.ts';
import { checkDerivatives, randomArray, spacedArray } from '../../autodiff/testing/central-differences.ts';
import { compile } from '../../compile/compile.ts';
import { type EngineName, useEngine } from '../../compile/engine.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../contracts/array.ts';
import type { Layer, LayerTensors, Norm, Weights } from '../../contracts/model.ts';
import { drawNoise } from '../network.ts';
import {
  avgPool,
  batchNorm,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  elu,
  flatten,
  leakyRelu,
  maxPool,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
  upsample,
} from './index.ts';

interface Case {
  readonly layer: Layer;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** It has kinks: inputs keep a distance from them, and steps are small. */
  readonly kinked?: boolean;
}

const image: Shape = [6, 5, 2];

const catalogue: readonly Case[] = [
  { layer: conv2d({ filters: 3, kernel: 3 }), inputShape: image, outputShape: [6, 5, 3] },
  { layer: conv2d({ filters: 3, kernel: 3, padding: 'valid' }), inputShape: image, outputShape: [4, 3, 3] },
  { layer: conv2d({ filters: 3, kernel: 5, stride: 2 }), inputShape: image, outputShape: [3, 3, 3] },
  { layer: conv2d({ filters: 2, kernel: 5, stride: 2, padding: 2 }), inputShape: image, outputShape: [3, 3, 2] },
  { layer: convTranspose2d({ filters: 3, kernel: 3, stride: 2 }), inputShape: [3, 4, 2], outputShape: [6, 8, 3] },
  {
    layer: convTranspose2d({ filters: 2, kernel: 4, stride: 1, padding: 'valid' }),
    inputShape: [1, 1, 3],
    outputShape: [4, 4, 2],
  },
  { layer: dense({ units: 4 }), inputShape: [6], outputShape: [4] },
  { layer: batchNorm(), inputShape: image, outputShape: image },
  { layer: dropout({ rate: 0.4 }), inputShape: image, outputShape: image },
  { layer: flatten(), inputShape: image, outputShape: [60] },
  { layer: upsample({ factor: 3 }), inputShape: [2, 3, 2], outputShape: [6, 9, 2] },
  { layer: avgPool(), inputShape: image, outputShape: [3, 2, 2] },
  { layer: avgPool({ size: 3, stride: 2, padding: 'same' }), inputShape: image, outputShape: [3, 3, 2] },
  { layer: maxPool(), inputShape: image, outputShape: [3, 2, 2], kinked: true },
  { layer: maxPool({ size: 3, stride: 2, padding: 'same' }), inputShape: image, outputShape: [3, 3, 2], kinked: true },
  { layer: relu(), inputShape: image, outputShape: image, kinked: true },
  { layer: leakyRelu({ slope: 0.1 }), inputShape: image, outputShape: image, kinked: true },
  { layer: elu(), inputShape: image, outputShape: image, kinked: true },
  { layer: sigmoid(), inputShape: image, outputShape: image },
  { layer: silu(), inputShape: image, outputShape: image },
  { layer: tanh(), inputShape: image, outputShape: image },
  { layer: softplus(), inputShape: image, outputShape: image },
];

const batch = 3;

/** One layer with what it runs on. */
function setUp({ layer, inputShape, kinked }: Case) {
  const shape = [batch, ...inputShape];
  const { params, state } = layer.init(seededRng(4), inputShape);
  const [noise] = drawNoise([layer], inputShape, batch, seededRng(5), 'training');
  return { x: kinked ? spacedArray(shape, 3, 0.02) : randomArray(shape, 3), params, state, noise };
}

interface Run {
  readonly x: NdArray;
  readonly weights: Weights;
  readonly noise: NdArray | undefined;
}

const run = (layer: Layer, training: boolean) =>
  compile(`${layer.label} forward`, ({ x, weights, noise }: Tensors<Run>) =>
    layer.apply(weights.params[0] as LayerTensors, x, { state: weights.state[0] as LayerTensors, noise, training }),
  );

const asTensors = (arrays: Readonly<Record<string, NdArray>>): LayerTensors =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]));

const curved = (y: Tensor): Tensor => tf.sum(tf.mul(tf.square(y), tf.reshape(tf.linspace(0.5, 0.9, y.size), y.shape)));

const within = (value: number, expected: number): void => {
  expect(value).to.be.closeTo(expected, 1e-3 * Math.max(1, Math.abs(expected)));
};

const engines: readonly EngineName[] = ['cpu', 'onnx'];

for (const engine of engines) {
  describe(`the layers on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const entry of catalogue) {
      const { layer, inputShape, outputShape, kinked } = entry;
      const { x, params, state, noise } = setUp(entry);
      const weights = { params: [params], state: [state] };

      describe(layer.label, () => {
        it('has the output shape that it says, and keeps the shape of its state', async () => {
          expect(layer.outputShape(inputShape)).to.eql(outputShape);
          for (const training of [true, false]) {
            const result = await run(layer, training)({ x, weights, noise: training ? noise : undefined });
            expect(result.output.shape).to.eql([batch, ...outputShape]);
            expect(arraysOf(result.state).map(({ shape }) => shape)).to.eql(arraysOf(state).map(({ shape }) => shape));
          }
        });

        it('has the derivatives that central differences have, to the second order', async () => {
          const context = { noise: noise && asTensors({ noise })['noise'], training: true };
          const { first, second } = await checkDerivatives(
            layer.label,
            ({ x: input, ...own }) =>
              curved(layer.apply(own, input as Tensor, { ...context, state: asTensors(state) }).output),
            { x, ...params },
            kinked ? 3e-3 : 2e-2,
          );
          within(first.gradient, first.difference);
          within(second.gradient, second.difference);
        });

        if (layer.squaredGradientNorms)
          it('has the gradient norms of single examples, one by one', async () => {
            const f = compile('norms', (inputs: Tensors<Run>) => {
              const outputGradient = tf.sin(run1(layer, inputs));
              const given = { layers: [layer], weights: inputs.weights, x: inputs.x, outputGradient };
              const { norms } = clippedGradientSum({ ...given, clipNorm: 1, mask: tf.ones([batch]) });
              return { norms, oracle: perExampleGradients(given) };
            });
            const { norms, oracle } = await f({ x, weights, noise });
            const expected = oracle.map((own) => Math.hypot(...arraysOf(own).flatMap(({ data }) => [...data])));
            for (const [index, norm] of norms.data.entries()) {
              expect(norm / (expected[index] as number)).to.be.closeTo(1, 1e-4);
            }
          });

        if (layer.sensitivity)
          it('moves its output by no more than its sensitivity says', async () => {
            const other = { shape: x.shape, data: x.data.map((value, i) => value + 0.3 * Math.sin(7 * i)) };
            const f = run(layer, true);
            const [a, b] = [await f({ x, weights, noise }), await f({ x: other, weights, noise })];
            for (const norm of ['l1', 'l2'] as const) {
              const bound = compile('bound', (own: LayerTensors) =>
                tf.mul(1, layer.sensitivity?.(norm, own) as Tensor),
              );
              const largest = (await bound(params)).data[0] as number;
              const perExample = distances(norm, a.output, b.output).map(
                (d, i) => d / (distances(norm, x, other)[i] as number),
              );
              expect(Math.max(...perExample)).to.be.at.most(largest * (1 + 1e-5));
            }
          });
      });
    }
  });
}

function run1(layer: Layer, { x, weights, noise }: Tensors<Run>): Tensor {
  const state = weights.state[0] as LayerTensors;
  return layer.apply(weights.params[0] as LayerTensors, x, { state, noise, training: true }).output;
}

/** ‖a_i − b_i‖ of each example. */
function distances(norm: Norm, a: NdArray, b: NdArray): number[] {
  const width = a.data.length / batch;
  return Array.from({ length: batch }, (_, i) => {
    const differences = [...a.data.subarray(i * width, (i + 1) * width)].map(
      (value, j) => value - (b.data[i * width + j] as number),
    );
    return norm === 'l1' ? differences.reduce((sum, d) => sum + Math.abs(d), 0) : Math.hypot(...differences);
  });
}

describe('layers', () => {
  it('name themselves where the input does not fit', () => {
    const label = 'conv2d 5×5×16 valid';
    const small = () => conv2d({ filters: 16, kernel: 5, padding: 'valid' }).outputShape([3, 3, 6]);
    expect(small).to.throw(ShapeError, `${label} needs an image of at least 5×5, but its input has shape [3,3,6].`);
    expect(() => dense({ units: 10 }).outputShape([5, 5, 16])).to.throw(
      ShapeError,
      'dense 10 needs a flat input [features], but it has shape [5,5,16]. Put flatten before it.',
    );
    expect(() => maxPool().outputShape([400])).to.throw(
      ShapeError,
      'max-pool 2×2 needs an input [height, width, channels]',
    );
  });

  it('refuse options out of range, naming them', () => {
    expect(() => dense({ units: 0 })).to.throw(RangeError, 'units must be a positive integer, but is 0.');
    expect(() => conv2d({ filters: 3, kernel: 2.5 })).to.throw(
      RangeError,
      'kernel must be a positive integer, but is 2.5.',
    );
    expect(() => dropout({ rate: 1 })).to.throw(RangeError, 'rate must be at least 0 and less than 1, but is 1.');
  });
});

describe('dropout', () => {
  it('keeps the mean, and a share of 1 − rate of the values', async () => {
    const [layer, n] = [dropout({ rate: 0.3 }), 40_000];
    const x = { shape: [1, n], data: new Float32Array(n).fill(1) };
    const [noise] = drawNoise([layer], [n], 1, seededRng(1), 'training');
    const weights = { params: [{}], state: [{}] };
    const { output } = await run(layer, true)({ x, weights, noise });
    const kept = output.data.filter((value) => value !== 0);
    // The share of n draws of probability 0.7 is within 4.5 √(0.7 · 0.3 ÷ n) of it, but for 7 in 10⁶.
    expect(kept.length / n).to.be.closeTo(0.7, 4.5 * Math.sqrt(0.21 / n));
    expect(kept.every((value) => Math.abs(value - 1 / 0.7) < 1e-6)).to.equal(true);
  });

  it('does nothing at evaluation, and draws nothing', async () => {
    const layer = dropout({ rate: 0.3 });
    expect(drawNoise([layer], [4], 1, seededRng(1), 'evaluation')).to.eql([undefined]);
    const x = randomArray([1, 4], 1);
    const { output } = await run(layer, false)({ x, weights: { params: [{}], state: [{}] }, noise: undefined });
    expect(output.data).to.eql(x.data);
  });
});

describe('batch-norm', () => {
  const layer = batchNorm({ momentum: 0.8, epsilon: 0 });
  const x = { shape: [4, 1], data: Float32Array.of(1, 2, 3, 6) }; // mean 3, variance 3.5 (unbiased 14 ÷ 3)
  const { params, state } = layer.init(seededRng(1), [1]);
  const weights = { params: [params], state: [state] };

  it('normalizes by the batch while training and moves the running statistics', async () => {
    const { output, state: next } = await run(layer, true)({ x, weights, noise: undefined });
    const root = Math.sqrt(3.5);
    expect([...output.data].map((value, i) => value - ([-2, -1, 0, 3][i] as number) / root)).to.satisfy(
      (errors: number[]) => errors.every((error) => Math.abs(error) < 1e-6),
    );
    expect(next['mean']?.data[0]).to.be.closeTo(0.2 * 3, 1e-6);
    expect(next['variance']?.data[0]).to.be.closeTo(0.8 * 1 + (0.2 * 14) / 3, 1e-6);
  });

  it('normalizes by the running statistics at evaluation and leaves them', async () => {
    const { output, state: next } = await run(layer, false)({ x, weights, noise: undefined });
    expect([...output.data]).to.eql([1, 2, 3, 6]);
    expect(next['mean']?.data[0]).to.equal(0);
  });
});
