import { expect } from 'chai';
import { pixeldp } from '../../defenses/pixeldp.ts';
import { seededRng } from '../../src/arrays/rng.ts';
import { arraysOf, mapArrays } from '../../src/arrays/tree.ts';
import { compile } from '../../src/compile/compile.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { Views } from '../../src/contracts/attack.ts';
import type { GradientRule } from '../../src/contracts/defense.ts';
import type { Layer, LayerNoise, Model, Params, Weights } from '../../src/contracts/model.ts';
import { batchOf } from '../../src/data/batches.ts';
import { batchNorm, conv2d, dense, dropout, flatten, silu } from '../../src/models/layers/index.ts';
import { drawNoise, initWeights } from '../../src/models/network.ts';
import { observe } from '../../src/training/testing/observed.ts';
import { blobs, smallModel } from '../../src/training/testing/small-task.ts';
import { withDefaults } from '../testing/defaults.ts';
import { simulateGradient } from './simulate.ts';

const data = blobs(12, 'train');

interface Case {
  readonly model?: Model;
  readonly cut?: number;
  readonly batch: number;
  readonly gradientRule?: GradientRule;
  /** How often the attacker simulates the batch side by side. */
  readonly copies?: number;
}

/** The gradient that both servers see, and what the attacker would compute for the true batch and draws. */
async function seenAndSimulated({ model = smallModel(), cut = 2, batch, copies = 1, ...rest }: Case) {
  const victims = Array.from({ length: batch }, (_, i) => i);
  const scene = { model, cut, view: 'servers', data, batches: [victims], seed: 1, ...rest } as const;
  const { observations, knowledge, images } = await observe(scene);
  const seen = observations[0]?.releases[0] as Views['servers'];
  const noiseRng = seededRng(1).fork('noise').fork('batch-0/release-0').fork('layers');
  const simulate = compile('simulated', ({ weights, x, y, noise }: Tensors<Truth>) =>
    simulateGradient(knowledge, model.layers.length, { weights, x, y, noise, copies }),
  );
  const simulated = await simulate({
    weights: {
      params: [...seen.clientParams, ...seen.serverParams],
      state: initWeights(model, seededRng(0)).state,
    },
    x: copied(images[0] as NdArray, copies),
    y: copied(batchOf(data, Int32Array.from(victims)).y, copies),
    noise: mapArrays(drawNoise(model.layers, model.inputShape, batch, noiseRng, 'training'), (draws) =>
      copied(draws, copies),
    ),
  });
  return { seen: [...seen.clientGradient, ...seen.serverGradient], simulated };
}

interface Truth {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly y: NdArray;
  readonly noise: LayerNoise;
}

function copied({ shape: [batch = 0, ...shape], data: values }: NdArray, copies: number): NdArray {
  const repeated = new Float32Array(values.length * copies);
  for (let copy = 0; copy < copies; copy += 1) repeated.set(values, copy * values.length);
  return { shape: [batch * copies, ...shape], data: repeated };
}

/** ‖a − b‖ ÷ ‖b‖ over all values. */
function relativeError(a: Params, b: Params): number {
  const [left, right] = [a, b].map((tree) => arraysOf(tree).flatMap((array) => [...array.data])) as [
    number[],
    number[],
  ];
  expect(left).to.have.lengthOf(right.length);
  const norm = (values: readonly number[]) => Math.hypot(...values);
  return norm(left.map((value, i) => value - (right[i] as number))) / norm(right);
}

const modelOf = (layers: readonly Layer[]): Model => ({ ...smallModel(), layers });

const convolutional = (middle: Layer) =>
  modelOf([conv2d({ filters: 4, kernel: 3, stride: 2 }), middle, silu(), flatten(), dense({ units: 3 })]);

/** The small model behind a noise layer of ε 1. */
function noisyModel(): Model {
  const site = { cut: 2, inputShape: [8, 8, 1], batchSize: 4, clients: [{ examples: 12, steps: 3 }], delta: 1e-5 };
  const defense = pixeldp.create(withDefaults(pixeldp), site);
  return modelOf(defense.protectLayers?.(smallModel().layers) ?? []);
}

describe('the simulated gradient of the true batch is the one that was seen', () => {
  const cases: Readonly<Record<string, Case>> = {
    'one example': { batch: 1 },
    'a batch: the mean, not the sum': { batch: 4 },
    'a batch-normalized client: with the statistics of the batch': { batch: 4, model: convolutional(batchNorm()) },
    'a noise layer, for the true draws': { batch: 4, model: noisyModel() },
    'a noise layer before a late cut': { batch: 2, model: noisyModel(), cut: 5 },
    'clipped gradients, one example': { batch: 1, gradientRule: { clipNorm: 0.05, noiseMultiplier: 0 } },
    'clipped gradients of each example, not of the mean': {
      batch: 4,
      gradientRule: { clipNorm: 0.05, noiseMultiplier: 0 },
    },
    'clipping that leaves gradients as they are': { batch: 4, gradientRule: { clipNorm: 1e6, noiseMultiplier: 0 } },
    'clipping behind a noise layer': {
      batch: 4,
      model: noisyModel(),
      gradientRule: { clipNorm: 0.05, noiseMultiplier: 0 },
    },
    'gradients clipped layer by layer': {
      batch: 4,
      cut: 5,
      gradientRule: { clipNorm: 0.05, noiseMultiplier: 0, clipping: { kind: 'per-layer' } },
    },
    'automatic clipping': {
      batch: 4,
      cut: 5,
      gradientRule: { clipNorm: 0.05, noiseMultiplier: 0, clipping: { kind: 'automatic', stabilizer: 0.3 } },
    },
    'adaptive clipping, at the norm of that time': {
      batch: 4,
      cut: 5,
      gradientRule: {
        ...{ clipNorm: 0.05, noiseMultiplier: 0 },
        clipping: { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 1 },
      },
    },
    'several copies side by side': { batch: 2, copies: 3, model: noisyModel() },
    'several copies of clipped gradients': {
      batch: 2,
      copies: 3,
      gradientRule: { clipNorm: 0.05, noiseMultiplier: 0 },
    },
  };
  for (const [name, options] of Object.entries(cases)) {
    it(name, async () => {
      const { seen, simulated } = await seenAndSimulated(options);
      expect(relativeError(simulated as Params, seen)).to.be.below(1e-5);
    });
  }

  it('but with dropout it is that of the mean network: which units were dropped is not known', async () => {
    const { seen, simulated } = await seenAndSimulated({ batch: 4, model: convolutional(dropout({ rate: 0.5 })) });
    const error = relativeError(simulated as Params, seen);
    expect(error).to.be.within(0.05, 2); // neither the draws of the client, nor another network altogether
  });

  it('and the noise of DP-SGD on it stays: it has the standard deviation of the rule over the batch size', async () => {
    const rule = { clipNorm: 0.5, noiseMultiplier: 3 };
    const { seen, simulated } = await seenAndSimulated({ batch: 4, cut: 5, gradientRule: rule });
    const differences = [seen, simulated].map((tree) => arraysOf(tree.slice(0, 5)).flatMap(({ data: d }) => [...d]));
    const [left, right] = differences as [number[], number[]];
    const meanSquare = left.reduce((sum, value, i) => sum + (value - (right[i] as number)) ** 2, 0) / left.length;
    const std = (3 * 0.5) / 4;
    // The sample std of n normals is within 4.5σ/√(2n) of σ, but for 7 in 10⁶.
    expect(Math.sqrt(meanSquare)).to.be.closeTo(std, (4.5 * std) / Math.sqrt(2 * left.length));
  });
});
