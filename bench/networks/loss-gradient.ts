import { grad } from '../../src/autodiff/index.ts';
import type { Tensor } from '../../src/compile/tf.ts';
import type { Tensors } from '../../src/contracts/array.ts';
import type { Model, Params, Weights } from '../../src/contracts/model.ts';
import { meanCrossEntropy } from '../../src/models/losses.ts';
import { applyLayers } from '../../src/models/network.ts';

/** ∇W of the mean cross-entropy: what a victim's client sends. */
export function lossGradient({ layers }: Model) {
  return (weights: Tensors<Weights>, x: Tensor, y: Tensor): Tensors<Params> =>
    grad((own: Tensors<Params>) => {
      const { output } = applyLayers(layers, { ...weights, params: own }, x, { training: true });
      return meanCrossEntropy(output, y);
    }, weights.params);
}
