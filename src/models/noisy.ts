/** A layer with noise on its output, for defenses that release what a layer computes. */

import { latticeFactor } from '../arrays/lattice.ts';
import { grad } from '../autodiff/index.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Layer, LayerTensors, NoiseNorm } from '../contracts/model.ts';
import { addOnLattice } from './on-lattice.ts';
import { wrapLayer } from './wrap-layer.ts';

/** What the noise layer does to its layer's output. */
export interface LayerNoiseRule {
  readonly distribution: 'laplace' | 'normal';
  /** Largest norm of an example's output, where outputs are clipped. */
  readonly clip?: { readonly norm: NoiseNorm; readonly to: number };
  /** From the parameters of all layers up to the noise, the noisy layer's own last. */
  readonly scale: (params: readonly LayerTensors[]) => Tensor | number;
  /** A public constant after the noise. */
  readonly gain: number;
  /** For secure noise: scale ÷ sensitivity in the norm of the mechanism, which is kept although values are rounded first. */
  readonly secure?: { readonly multiplier: number; readonly norm: NoiseNorm } | undefined;
}

/** The layer with noise on its output: (clip(f(x)) + scale · noise) · gain. */
export function noisy(layer: Layer, rule: LayerNoiseRule): Layer {
  if (layer.noise) {
    throw new RangeError(
      `there can be no noise on layer "${layer.label}", which draws its own. Put one of the two on another layer, or leave one out.`,
    );
  }
  const clipped = (output: Tensor) => (rule.clip ? clipExamples(output, rule.clip) : output);
  const amplified = (output: Tensor) => (rule.gain === 1 ? output : tf.mul(output, rule.gain));
  /** The gradient at the layer's own output: what is added does not change it. */
  const within = (params: LayerTensors, x: Tensor, dy: Tensor): Tensor => {
    const { output } = layer.apply(params, x, { state: {}, noise: undefined, training: true });
    return grad((y: Tensor) => tf.sum(tf.mul(amplified(clipped(y)), dy)), output);
  };
  const { squaredGradientNorms, exampleGradients } = layer;
  return wrapLayer(layer, {
    label: `${layer.label}, ${rule.distribution} noise`,
    noise: (inputShape) => ({ distribution: rule.distribution, shape: layer.outputShape(inputShape) }),
    noiseAt: 'always',
    apply(params, x, context) {
      const { output, state } = layer.apply(params, x, { ...context, noise: undefined });
      if (!context.noise) throw new RangeError(`layer "${layer.label}" was given no noise.`);
      const scale = rule.scale([...(context.before ?? []), params]);
      return { output: amplified(withNoise(clipped(output), context.noise, { scale, secure: rule.secure })), state };
    },
    ...(squaredGradientNorms && {
      squaredGradientNorms: (params: LayerTensors, x: Tensor, dy: Tensor) =>
        squaredGradientNorms.call(layer, params, x, within(params, x, dy)),
    }),
    ...(exampleGradients && {
      exampleGradients: (params: LayerTensors, x: Tensor, dy: Tensor) =>
        exampleGradients.call(layer, params, x, within(params, x, dy)),
    }),
  });
}

interface Scaled extends Pick<LayerNoiseRule, 'secure'> {
  readonly scale: Tensor | number;
}

function withNoise(output: Tensor, draws: Tensor, { scale, secure }: Scaled): Tensor {
  if (!secure || secure.multiplier === 0) return tf.add(output, tf.mul(draws, scale));
  const dimension = output.size / (output.shape[0] as number);
  const factor = latticeFactor(secure.multiplier, secure.norm, dimension);
  return addOnLattice(output, draws, typeof scale === 'number' ? scale * factor : tf.mul(scale, factor));
}

/** Each example scaled down to at most `to` in the norm: y · min(1, C ÷ ‖y‖). */
function clipExamples(y: Tensor, { norm, to }: { norm: NoiseNorm; to: number }): Tensor {
  const axes = y.shape.slice(1).map((_, axis) => axis + 1);
  const size = norm === 'l1' ? tf.sum(tf.abs(y), axes, true) : tf.sqrt(tf.add(tf.sum(tf.square(y), axes, true), 1e-24));
  return tf.mul(y, tf.div(to, tf.maximum(size, to)));
}
