/** A network that ends in a noise layer: run with its own draws, without noise, or with draws of one value. */

import { full } from '../../arrays/ndarray.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../contracts/array.ts';
import type { Layer, LayerNoise, NoiseSpec, Weights } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';
import { applyLayers, drawNoise, outputShapes } from '../../models/network.ts';

export interface NoisyNetwork {
  readonly distribution: NoiseSpec['distribution'];
  /** Inside compiled functions: the output where every draw is 0. */
  silent(weights: Tensors<Weights>, x: Tensor): Tensor;
  /** With noise drawn as training draws it. */
  release(weights: Weights, x: NdArray, rng: Rng): Promise<NdArray>;
  /** With `draw` in place of every draw. */
  at(weights: Weights, x: NdArray, draw: number): Promise<NdArray>;
}

/** The last layer is the one with noise. */
export function noisyNetwork(layers: readonly Layer[], inputShape: Shape): NoisyNetwork {
  const spec = specOf(layers, inputShape);
  const before = layers.slice(1).map(() => undefined);
  const apply = (weights: Tensors<Weights>, x: Tensor, noise: Tensors<LayerNoise>) =>
    applyLayers(layers, weights, x, { noise, training: true }).output;
  const run = compile('release', (inputs: { weights: Tensors<Weights>; x: Tensor; noise: Tensors<LayerNoise> }) =>
    apply(inputs.weights, inputs.x, inputs.noise),
  );
  const shapeOf = (x: { readonly shape: Shape }) => [x.shape[0] as number, ...spec.shape];
  return {
    distribution: spec.distribution,
    silent: (weights, x) => apply(weights, x, [...before, tf.zeros(shapeOf(x))]),
    release: (weights, x, rng) => {
      const noise = drawNoise(layers, inputShape, x.shape[0] as number, rng, 'training');
      return run({ weights, x, noise });
    },
    at: (weights, x, draw) => run({ weights, x, noise: [...before, full(shapeOf(x), draw)] }),
  };
}

function specOf(layers: readonly Layer[], inputShape: Shape): NoiseSpec {
  const shapes = [inputShape, ...outputShapes(layers, inputShape)];
  const last = layers.at(-1);
  const spec = last?.noise?.(shapes[layers.length - 1] as Shape);
  if (spec) return spec;
  throw new RangeError(`layer "${last?.label}" draws no noise.`);
}
