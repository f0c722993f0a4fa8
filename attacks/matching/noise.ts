/**
 * The client's noise layers, as the attacker sees them: the mechanism is public, its draws are not. They can be searched for
 * together with the image, ignored (taken as 0), or averaged over. Noise of scale 0 (a defense that is switched off) is none.
 */

import { zeros } from '../../src/arrays/ndarray.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { Shape, Tensors } from '../../src/contracts/array.ts';
import type { LayerNoise, Model, NoiseSpec } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { drawNoise, outputShapes } from '../../src/models/network.ts';
import { heardLayers } from './heard-layers.ts';

export type NoiseHandling = 'joint' | 'ignore' | 'average';

/** How the attacker deals with the draws that it cannot see. Each list of draws has an entry for every layer. */
export interface NoiseModel {
  /** How often the batch is simulated side by side, each time with other draws. */
  readonly copies: number;
  /** Where the search for the draws starts: at 0, their most likely value. `undefined` where they are not searched for. */
  searched(batch: number): LayerNoise;
  /** Draws to compute with as they are. `undefined` where they are searched for. */
  held(batch: number, rng: Rng): LayerNoise;
  /** Whether `held` is to be drawn anew at each step. */
  readonly isRedrawn: boolean;
  /**
   * How unlikely searched draws are: the mean over layers of the mean of √(n² + 0.01) for Laplace noise (|n|, smoothed so that
   * it has a second derivative) and of n² ÷ 2 for Gaussian. 0 where none are searched for.
   */
  surprise(searched: Tensors<LayerNoise>): Tensor;
}

/** Draws of the noise that are averaged over at each step. */
const averagedDraws = 8;

type Victim = Pick<Model, 'layers' | 'inputShape'>;

export async function noiseModel(model: Victim, handling: NoiseHandling): Promise<NoiseModel> {
  const specs = noiseSpecs(model);
  const isHeard = await heardLayers(model, specs);
  const zero = (batch: number, isWanted: (layer: number) => boolean): LayerNoise =>
    specs.map((spec, layer) => (spec && isWanted(layer) ? zeros([batch, ...spec.shape]) : undefined));
  const isSearched = (layer: number) => handling === 'joint' && isHeard[layer] === true;
  const isRedrawn = handling === 'average' && isHeard.some((heard) => heard);
  const copies = isRedrawn ? averagedDraws : 1;
  return {
    copies,
    isRedrawn,
    searched: (batch) => zero(batch, isSearched),
    held: (batch, rng) =>
      isRedrawn
        ? drawNoise(model.layers, model.inputShape, copies * batch, rng, 'evaluation')
        : zero(batch, (layer) => !isSearched(layer)),
    surprise: (searched) => meanSurprise(specs, searched),
  };
}

/** What each layer draws that adds noise at all times; dropout's draws are not searched for. */
function noiseSpecs({ layers, inputShape }: Victim): readonly (NoiseSpec | undefined)[] {
  const shapes: readonly Shape[] = [inputShape, ...outputShapes(layers, inputShape)];
  return layers.map((layer, index) =>
    layer.noiseAt === 'training' ? undefined : layer.noise?.(shapes[index] as Shape),
  );
}

function meanSurprise(specs: readonly (NoiseSpec | undefined)[], searched: Tensors<LayerNoise>): Tensor {
  const terms = specs.flatMap((spec, index) => {
    const draws = searched[index];
    return spec && draws ? [surpriseAt(spec, draws)] : [];
  });
  return terms.reduce((sum, term) => tf.add(sum, tf.div(term, terms.length)), tf.scalar(0));
}

function surpriseAt({ distribution }: NoiseSpec, draws: Tensor): Tensor {
  const squared = tf.square(draws);
  return tf.mean(distribution === 'laplace' ? tf.sqrt(tf.add(squared, 0.01)) : tf.div(squared, 2));
}
