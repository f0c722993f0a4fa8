/** What the client would have sent for a guessed batch: the exchange's own arithmetic, as part of a larger graph. */

import { clippedGradientSum, grad, valueAndGrad } from '../../src/autodiff/index.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { Tensors } from '../../src/contracts/array.ts';
import type { PublicKnowledge } from '../../src/contracts/attack.ts';
import type { Layer, LayerNoise, Params, Weights } from '../../src/contracts/model.ts';
import { meanCrossEntropy } from '../../src/models/losses.ts';
import { applyLayers } from '../../src/models/network.ts';

/** A guess at everything that went into the exchange. */
export interface ExchangeGuess {
  readonly weights: Tensors<Weights>;
  /** `[copies · batch, height, width, channels]`. */
  readonly x: Tensor;
  /** Label distributions `[copies · batch, classes]`. */
  readonly y: Tensor;
  readonly noise: Tensors<LayerNoise>;
  /** How often the batch is repeated, to average over draws of the noise. */
  readonly copies: number;
}

/**
 * The gradient of the mean loss with respect to the first `seenLayers` layers. Under a gradient rule that of the client part is
 * the sum of the clipped gradients of single examples over the public normaliser; the rule's own noise stays unknown.
 */
export function simulateGradient(
  knowledge: PublicKnowledge,
  seenLayers: number,
  guess: ExchangeGuess,
): Tensors<Params> {
  const layers = knowledge.model.layers.map(expected);
  if (knowledge.gradientRule) return clippedGradient({ ...knowledge, layers }, seenLayers, guess);
  const { weights, x, y, noise } = guess;
  const { params, state } = weights;
  return grad(
    (seen) => {
      const whole = { params: [...seen, ...params.slice(seenLayers)], state };
      return meanCrossEntropy(applyLayers(layers, whole, x, { noise, training: true }).output, y);
    },
    params.slice(0, seenLayers) as Tensors<Params>,
  );
}

/** Which units dropout dropped is unknown and has no gradient: the attacker computes with the mean network. */
function expected(layer: Layer): Layer {
  if (layer.noiseAt !== 'training') return layer;
  return { ...layer, apply: (params, x, context) => layer.apply(params, x, { ...context, training: false }) };
}

interface Parts extends PublicKnowledge {
  readonly layers: readonly Layer[];
}

function clippedGradient(
  { layers, cut, gradientRule, normaliser }: Parts,
  seenLayers: number,
  { weights, x, y, noise, copies }: ExchangeGuess,
): Tensors<Params> {
  const slice = (start: number, end?: number) => ({
    layers: layers.slice(start, end),
    weights: { params: weights.params.slice(start, end), state: weights.state.slice(start, end) },
    noise: noise.slice(start, end),
  });
  const [client, server] = [slice(0, cut), slice(cut)];
  const smashed = applyLayers(client.layers, client.weights, x, { noise: client.noise, training: true }).output;
  const { gradient } = valueAndGrad(
    (own) => {
      const part = { ...server.weights, params: own.params };
      const { output } = applyLayers(server.layers, part, own.smashed, { noise: server.noise, training: true });
      return meanCrossEntropy(output, y);
    },
    { params: server.weights.params, smashed },
  );
  const examples = x.shape[0] as number;
  const sum = clippedGradientSum({
    ...client,
    x,
    outputGradient: tf.mul(gradient.smashed, examples), // of each example's own loss
    clipNorm: gradientRule?.clipNorm as number,
    clipping: gradientRule?.clipping,
    mask: tf.ones([examples]),
  });
  const clientGradient = sum.gradient.map((layer) =>
    Object.fromEntries(Object.entries(layer).map(([name, value]) => [name, tf.div(value, normaliser * copies)])),
  );
  return [...clientGradient, ...gradient.params].slice(0, seenLayers);
}
