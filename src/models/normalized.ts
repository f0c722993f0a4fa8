/** A linear layer whose kernel is divided by its own sensitivity, in the graph: Δ ≤ 1 by construction at every step. */

import { grad } from '../autodiff/index.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Layer, LayerTensors } from '../contracts/model.ts';
import { type Link, linkSensitivity } from './chain-sensitivity.ts';

/**
 * The layer with `kernel ÷ Δ(kernel)` in place of `kernel`, Δ between the norms of the link; gradients flow through the division.
 * The stored kernel only carries a direction: its length changes the step size of the optimizer and nothing else.
 *
 * Throws a RangeError for a layer without a kernel, or without a known sensitivity.
 */
export function normalized(link: Link): Layer {
  const { layer, pair } = link;
  // Bounds and gradients of the kernel as it is stored.
  const { sensitivity, sensitivityBetween, squaredGradientNorms, exampleGradients: _, ...others } = layer;
  if (!sensitivity)
    throw new RangeError(`layer "${layer.label}" has no known sensitivity, so it cannot be normalized.`);
  const bound = kernelBound(link);
  const divided = (params: LayerTensors) => ({ ...params, kernel: tf.div(kernelOf(params), bound(kernelOf(params))) });
  return {
    ...others,
    label: `${layer.label}, kernel ÷ Δ (${pair.from === pair.to ? pair.to : `${pair.from} to ${pair.to}`})`,
    linear: false, // no longer in its parameters
    apply: (params, x, context) => layer.apply(divided(params), x, context),
    ...(squaredGradientNorms && {
      squaredGradientNorms: (params, x, dy) => {
        const kernel = kernelOf(params);
        const direction = grad(bound, kernel);
        const inner = (v: Tensor) => kernelInnerProducts(layer, { x, dy, v });
        const total = squaredGradientNorms.call(layer, divided(params), x, dy);
        const bias = params['bias'] ? biasNorms(dy) : tf.scalar(0);
        const kernelNorms = tf.relu(tf.sub(total, bias));
        return tf.add(bias, throughDivision({ kernelNorms, kernel, direction, delta: bound(kernel), inner }));
      },
    }),
  };
}

/** Δ of a kernel between the norms of the link, and a little: what `normalized` divides by. */
export function kernelBound(link: Link): (kernel: Tensor) => Tensor {
  return (kernel) => tf.add(linkSensitivity(link, { kernel }), smallest);
}

const smallest = 1e-12; // a kernel of zeros stays one

/** @throws RangeError where the parameters have none. */
export function kernelOf(params: LayerTensors): Tensor {
  const kernel = params['kernel'];
  if (!kernel)
    throw new RangeError(`a layer to be normalized needs a kernel, but has ${Object.keys(params).join(', ')}.`);
  return kernel;
}

/** ⟨g_i, v⟩ for each example's gradient g_i of the kernel: the layer is linear in it. `[batch]` */
function kernelInnerProducts(layer: Layer, { x, dy, v }: { x: Tensor; dy: Tensor; v: Tensor }): Tensor {
  const outputs = v.shape[v.shape.length - 1] as number;
  const context = { state: {}, noise: undefined, training: true };
  const { output } = layer.apply({ kernel: v, bias: tf.zeros([outputs]) }, x, context);
  return sumExamples(tf.mul(output, dy));
}

/** Squared norm of each example's bias gradient, the sum of `dy` over positions. `[batch]` */
function biasNorms(dy: Tensor): Tensor {
  const positions = dy.shape.slice(1, -1).map((_, axis) => axis + 1);
  return tf.sum(tf.square(positions.length > 0 ? tf.sum(dy, positions) : dy), -1);
}

interface Division {
  /** ‖g′_i‖² of the divided kernel's gradients. */
  readonly kernelNorms: Tensor;
  readonly kernel: Tensor;
  /** ∂Δ/∂k. */
  readonly direction: Tensor;
  readonly delta: Tensor;
  readonly inner: (v: Tensor) => Tensor;
}

/** ‖g′/Δ − ⟨g′, k⟩/Δ² · ∂Δ/∂k‖², expanded so that no example's gradient is materialized. */
function throughDivision({ kernelNorms, kernel, direction, delta, inner }: Division): Tensor {
  const along = inner(kernel);
  const cross = tf.div(tf.mul(tf.mul(2, along), inner(direction)), tf.pow(delta, 3));
  const own = tf.mul(tf.square(along), tf.div(tf.sum(tf.square(direction)), tf.pow(delta, 4)));
  return tf.relu(tf.add(tf.sub(tf.div(kernelNorms, tf.square(delta)), cross), own));
}

function sumExamples(values: Tensor): Tensor {
  return tf.sum(tf.reshape(values, [values.shape[0] as number, -1]), 1);
}
