/** The noise of pixeldp covers how far its layers move their output: for random pairs of inputs, and the worst that can be found. */

import { expect } from 'chai';
import { analyticGaussianMultiplier } from '../src/accounting/index.ts';
import { ndarray, rows } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { mapArrays } from '../src/arrays/tree.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../src/contracts/array.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { Layer, LayerNoise, Weights } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { conv2d, maxPool, relu } from '../src/models/layers/index.ts';
import { applyLayers, initWeights, outputShapes } from '../src/models/network.ts';
import { pairRatios } from '../src/models/testing/pair-ratios.ts';
import { pixeldp } from './pixeldp.ts';

const inputShape: Shape = [8, 8, 1];
const site: DefenseSite = { cut: 4, inputShape, batchSize: 4, clients: [], delta: 1e-5 };

interface Case {
  readonly sensitivity: 'normalized' | 'orthonormal' | 'bound' | 'clip';
  /** The noise is on layer `layer` of conv 3×3, relu, max-pool, conv 3×3 of stride 2. */
  readonly layer: number;
  /** Share of what the noise covers that some pair must reach: how tight the bound is, and that the search does search. */
  readonly reached: number;
  /** Between the inputs of a pair. */
  readonly distance?: number;
}

const far = 100; // clipped outputs are bounded however far the inputs are
const cases: readonly Case[] = [
  { sensitivity: 'normalized', layer: 1, reached: 0.85 },
  { sensitivity: 'normalized', layer: 3, reached: 0.25 },
  { sensitivity: 'normalized', layer: 4, reached: 0.08 },
  { sensitivity: 'orthonormal', layer: 1, reached: 0.85 },
  { sensitivity: 'orthonormal', layer: 3, reached: 0.25 },
  { sensitivity: 'orthonormal', layer: 4, reached: 0.08 },
  { sensitivity: 'bound', layer: 1, reached: 0.85 },
  { sensitivity: 'bound', layer: 3, reached: 0.25 },
  { sensitivity: 'bound', layer: 4, reached: 0.08 },
  { sensitivity: 'clip', layer: 1, reached: 0.75, distance: far },
  { sensitivity: 'clip', layer: 4, reached: 0.65, distance: far },
];

const [epsilon, delta] = [2, 0.05];
/** Noise scale in units of the sensitivity. */
const multipliers = { laplace: 1 / epsilon, gaussian: analyticGaussianMultiplier(epsilon, delta) };

describe('the noise of pixeldp', () => {
  for (const [noise, norm] of [
    ['laplace', 'l1'],
    ['gaussian', 'l2'],
  ] as const) {
    for (const { sensitivity, layer, distance = 0.5, reached } of cases) {
      it(`covers every move of layer ${layer}: ${noise}, ${sensitivity}`, async () => {
        const layers = defended({ noise, sensitivity, layer, epsilon, delta, distance, clipNorm: 0.7 });
        const rng = seededRng(4);
        const weights = signedWeights(layers);
        const points = ndarray([1000, ...inputShape], rng.fork('points').uniform(1000 * 64));
        const covered = (await noiseScale(layers, weights, rows(points, 0, 1))) / multipliers[noise];
        const { random, adversarial } = await pairRatios({
          map: (x, given: Tensors<Weights>) => outputOf(layers, given, x, 0),
          ...{ given: weights, points, norm, distance, rng: rng.fork('pairs') },
        });
        const share = (Math.max(random, adversarial) * distance) / covered;
        expect(share).to.be.within(reached, 1 + 1e-4);
      });
    }
  }
});

/** The first layers up to the one with noise. */
function defended(given: OptionValues & { readonly layer: number }): readonly Layer[] {
  const plain = [conv2d({ filters: 3, kernel: 3 }), relu(), maxPool(), conv2d({ filters: 2, kernel: 3, stride: 2 })];
  const defaults = Object.fromEntries(Object.entries(pixeldp.options).map(([name, option]) => [name, option.default]));
  const layers = pixeldp.create({ ...defaults, ...given }, site).protectLayers?.(plain) ?? plain;
  return layers.slice(0, given.layer);
}

/** Of both signs and any size, as training may leave them. */
function signedWeights(layers: readonly Layer[]): Weights {
  const rng = seededRng(9);
  return mapArrays(initWeights({ layers, inputShape }, rng), ({ shape, data }, path) => ({
    shape,
    data: rng
      .fork(path)
      .normal(data.length)
      .map((value) => 0.6 * value),
  }));
}

/** What the layers release where every draw of the noise is `draw`. */
function outputOf(layers: readonly Layer[], weights: Tensors<Weights>, x: Tensor, draw: number): Tensor {
  const shapes = [inputShape, ...outputShapes(layers, inputShape)];
  const noise: Tensors<LayerNoise> = layers.map((layer, index) => {
    const spec = layer.noise?.(shapes[index] as Shape);
    return spec && tf.fill([x.shape[0] as number, ...spec.shape], draw);
  });
  return applyLayers(layers, weights, x, { noise, training: true }).output;
}

/** By how much a draw of 1 moves each value of the output, at the least: in units of the output, so behind the public gain. */
async function noiseScale(layers: readonly Layer[], weights: Weights, x: NdArray): Promise<number> {
  const run = compile('noise scale', (given: Tensors<{ weights: Weights; x: NdArray }>) => {
    const released = (draw: number) => outputOf(layers, given.weights, given.x, draw);
    return tf.min(tf.sub(released(1), released(0)));
  });
  return (await run({ weights, x })).data[0] as number;
}
