/**
 * The worst-pair audit of a noise layer: two inputs that the layers before it move as far apart as they can, the released
 * activation drawn many times for each, scored by the likelihood ratio. It tests the layer as it runs: sensitivity, scale of
 * the noise and draws.
 */

import { concatRows } from '../../arrays/ndarray.ts';
import type { NdArray, Shape } from '../../contracts/array.ts';
import type { PrivacyEvent } from '../../contracts/event.ts';
import type { Layer, NoiseNorm, Norm, Weights } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';
import { initWeights } from '../../models/network.ts';
import { normNames } from '../../models/norm-names.ts';
import type { MechanismSampler } from './audit-sampler.ts';
import { type NoisyNetwork, noisyNetwork } from './noisy-network.ts';
import { type InputPair, worstPair } from './worst-pair.ts';

export interface NoiseLayerOptions {
  /** The client's layers with the noise in place; those behind the noise do not matter. */
  readonly layers: readonly Layer[];
  readonly inputShape: Shape;
  /** What is claimed of one release for two inputs at `distance`. */
  readonly claim: PrivacyEvent;
  readonly distance: number;
  /** Of the distance; left out: L1 for a Laplace claim, L2 for a Gaussian one. */
  readonly inputNorm?: Norm | undefined;
  readonly rng: Rng;
  /** Left out: freshly initialized. */
  readonly weights?: Weights;
}

/** Throws a RangeError where there is not exactly one noise layer, it adds nothing, or the claim is of no noise. */
export async function noiseLayerSampler(options: NoiseLayerOptions): Promise<MechanismSampler> {
  const { claim, distance, inputShape, rng } = options;
  const layers = upToNoise(options.layers);
  const weights = options.weights ?? initWeights({ layers, inputShape }, rng.fork('weights'));
  const network = noisyNetwork(layers, inputShape);
  const to = normOf(claim);
  const norms = { from: options.inputNorm ?? to, to };
  const pair = await worstPair({
    network: network.silent,
    weights,
    inputShape,
    norms,
    distance,
    rng: rng.fork('pair'),
  });
  const logLikelihoodRatio = await likelihoodOf(network, weights, pair);
  return {
    description: `noise layer "${layers.at(-1)?.label}": two inputs at ${normNames[norms.from]} distance ${distance}, released ${pair.outputDistance.toPrecision(4)} apart`,
    claim,
    isGaussian: claim.kind === 'gaussian',
    async scores(world, trials, draws) {
      const x = concatRows(Array<NdArray>(batchSize).fill(world === 'present' ? pair.x : pair.moved));
      const scores = new Float64Array(trials);
      for (let done = 0; done < trials; done += batchSize) {
        const output = await network.release(weights, x, draws.fork(`batch-${done}`));
        scores.set(logLikelihoodRatio(output).subarray(0, trials - done), done);
      }
      return scores;
    },
  };
}

const batchSize = 250;

function upToNoise(layers: readonly Layer[]): readonly Layer[] {
  const noisy = layers.flatMap((layer, index) => (layer.noiseAt === 'always' ? [index] : []));
  const [only] = noisy;
  if (only !== undefined && noisy.length === 1) return layers.slice(0, only + 1);
  throw new RangeError(`the audit needs exactly one layer with noise, but there are ${noisy.length}.`);
}

function normOf(claim: PrivacyEvent): NoiseNorm {
  if (claim.kind === 'laplace') return 'l1';
  if (claim.kind === 'gaussian') return 'l2';
  throw new RangeError(`the audit needs a Laplace or Gaussian claim of one release, but has "${claim.kind}".`);
}

/** log p(y | x) − log p(y | x′) of each row y: the best score there is. Throws a RangeError where the noise has scale 0. */
async function likelihoodOf(network: NoisyNetwork, weights: Weights, { x, moved }: InputPair) {
  const first = (await network.at(weights, x, 0)).data;
  const second = (await network.at(weights, moved, 0)).data;
  const scales = (await network.at(weights, x, 1)).data.map((value, i) => value - (first[i] as number));
  if (scales.some((scale) => !(scale > 0)))
    throw new RangeError('the audit needs noise of positive scale, but it is 0.');
  const cost = network.distribution === 'laplace' ? Math.abs : (z: number) => 0.5 * z * z;
  return ({ data }: NdArray): Float64Array => {
    const width = first.length;
    return Float64Array.from({ length: data.length / width }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const [y, scale] = [data[row * width + i] as number, scales[i] as number];
        sum += cost((y - (second[i] as number)) / scale) - cost((y - (first[i] as number)) / scale);
      }
      return sum;
    });
  };
}
