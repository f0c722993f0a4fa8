/** A linear layer whose kernel is orthonormalized in the graph and then divided by its bound: Δ ≤ 1 by construction at every step. */

import { grad, pullback } from '../autodiff/index.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Layer, LayerTensors } from '../contracts/model.ts';
import type { Link } from './chain-sensitivity.ts';
import { kernelBound, kernelOf, normalized } from './normalized.ts';

const beta = 0.5;
const defaultSteps = 8;

/**
 * Newton–Schulz: each matrix with its singular values moved towards 1 and its singular vectors as they are, `[batch, rows, columns]`.
 *
 * W₀ = A ÷ ‖A‖_F, then W ← (1 + β) W − β W Wᵀ W with β = ½: a singular value s becomes 1.5 s − 0.5 s³, which grows by half where
 * it is small, never passes 1, and near 1 leaves 1.5 (1 − s)² of its distance. Eight steps take what was at least 0.1 of ‖A‖_F to
 * above 0.998; a singular value of 0 stays 0. Nobody may therefore take the result for a matrix of norm 1: divide by a bound of it.
 *
 * Source: Cissé et al. 2017 (Parseval networks), whose retraction this is with β = ½ (Björck and Bowie 1971).
 */
export function newtonSchulz(matrices: Tensor, steps: number = defaultSteps): Tensor {
  const [, rows = 0, columns = 0] = matrices.shape;
  const length = tf.sqrt(tf.add(tf.sum(tf.square(matrices), [1, 2], true), smallest));
  // Through the smaller of the Gram matrices.
  const cubed = (w: Tensor) =>
    rows < columns ? tf.matMul(tf.matMul(w, w, false, true), w) : tf.matMul(w, tf.matMul(w, w, true, false));
  let w = tf.div(matrices, length);
  for (let step = 0; step < steps; step += 1) w = tf.sub(tf.mul(1 + beta, w), tf.mul(beta, cubed(w)));
  return w;
}

const smallest = 1e-24; // a kernel of zeros stays one, and its gradient is a number

/** Of kernels `[batch, …, out]`, each taken for a matrix `[height · width · in, out]`. */
function orthonormalKernels(kernels: Tensor): Tensor {
  const [batch, ...shape] = kernels.shape as [number, ...number[]];
  return tf.reshape(newtonSchulz(tf.reshape(kernels, [batch, -1, shape[shape.length - 1] as number])), kernels.shape);
}

/** Of one kernel, as it is stored. */
function orthonormalKernel(kernel: Tensor): Tensor {
  return tf.squeeze(orthonormalKernels(tf.expandDims(kernel, 0)), [0]);
}

/**
 * The layer with `O ÷ Δ(O)` in place of `kernel`, where O is the kernel after eight steps of Newton–Schulz and Δ its bound between
 * the norms of the link; gradients flow through both. What it claims and what noise it needs are those of `normalized`, however near
 * to orthonormal O is.
 *
 * Gradients of single examples have no closed norm here: DP-SGD computes them all (`exampleGradients`).
 *
 * @throws RangeError for a layer without a kernel, or without a known sensitivity.
 */
export function orthonormalized(link: Link): Layer {
  const { layer, inputShape } = link;
  const { squaredGradientNorms: _, ...divided } = normalized(link);
  const orthonormal = (params: LayerTensors) => ({ ...params, kernel: orthonormalKernel(kernelOf(params)) });
  const ofEachExample = layer.exampleGradients ?? (inputShape.length === 1 ? outerProducts : undefined);
  return {
    ...divided,
    label: `${divided.label}, orthonormalized before`,
    apply: (params, x, context) => divided.apply(orthonormal(params), x, context),
    ...(ofEachExample && {
      exampleGradients: (params, x, dy) => {
        const own = ofEachExample.call(layer, params, x, dy);
        return { ...own, kernel: throughKernels(kernelOf(own), kernelOf(params), kernelBound(link)) };
      },
    }),
  };
}

/** Of x W + b: xᵢ dyᵢᵀ, and dyᵢ. */
function outerProducts(_: LayerTensors, x: Tensor, dy: Tensor): LayerTensors {
  return { kernel: tf.mul(tf.expandDims(x, 2), tf.expandDims(dy, 1)), bias: dy };
}

/** Each example's gradient at the stored kernel, from the one at the kernel that runs: back through division and orthonormalization. */
function throughKernels(gradients: Tensor, kernel: Tensor, bound: (kernel: Tensor) => Tensor): Tensor {
  const orthonormal = orthonormalKernel(kernel);
  const delta = bound(orthonormal);
  const own = gradients.shape.slice(1).map((_, axis) => axis + 1);
  const along = tf.sum(tf.mul(gradients, orthonormal), own, true);
  const slope = tf.mul(tf.div(along, tf.square(delta)), grad(bound, orthonormal));
  const atOrthonormal = tf.sub(tf.div(gradients, delta), slope);
  const copies = tf.broadcastTo(kernel, gradients.shape); // one an example, so that each has a gradient of its own
  return pullback(orthonormalKernels, copies, atOrthonormal).gradient;
}
