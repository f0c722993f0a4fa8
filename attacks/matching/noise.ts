/**
 * The client's noise layers, as the attacker sees them: the mechanism is public, its draws are not. They can be searched for
 * together with the image, ignored (taken as 0), or averaged over.
 */

import { zeros } from '../../src/arrays/ndarray.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { Shape, Tensors } from '../../src/contracts/array.ts';
import type { LayerNoise, Model, NoiseSpec } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { drawNoise, outputShapes } from '../../src/models/network.ts';

export type NoiseHandling = 'joint' | 'ignore' | 'average';

/** How the attacker deals with the draws that it cannot see. */
export interface NoiseModel {
  /** How often the batch is simulated side by side, each time with other draws. */
  readonly copies: number;
  /** Where the search for the draws starts: at 0, their most likely value. Empty where they are not searched for. */
  searched(batch: number): LayerNoise;
  /** Draws to compute with as they are. Empty where they are searched for. */
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

export function noiseModel(model: Pick<Model, 'layers' | 'inputShape'>, handling: NoiseHandling): NoiseModel {
  const specs = noiseSpecs(model);
  const none: LayerNoise = [];
  const zero = (batch: number): LayerNoise => specs.map((spec) => spec && zeros([batch, ...spec.shape]));
  const surprise = (searched: Tensors<LayerNoise>) => meanSurprise(specs, searched);
  if (handling === 'joint') return { copies: 1, searched: zero, held: () => none, isRedrawn: false, surprise };
  const isNoisy = specs.some((spec) => spec !== undefined);
  if (handling === 'ignore' || !isNoisy) {
    return { copies: 1, searched: () => none, held: zero, isRedrawn: false, surprise };
  }
  const draw = (batch: number, rng: Rng) =>
    drawNoise(model.layers, model.inputShape, averagedDraws * batch, rng, 'evaluation');
  return { copies: averagedDraws, searched: () => none, held: draw, isRedrawn: true, surprise };
}

/** What each layer draws that adds noise at all times; dropout's draws are not searched for. */
function noiseSpecs({ layers, inputShape }: Pick<Model, 'layers' | 'inputShape'>): readonly (NoiseSpec | undefined)[] {
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
