/** Batch normalization by the statistics of the batch. */

import { sizeOf } from '../arrays/ndarray.ts';
import { type Tensor, tf } from '../compile/tf.ts';

export interface BatchStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

interface Centred extends BatchStatistics {
  /** x − mean */
  readonly centred: Tensor;
}

interface Affine {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  /** Added to the variance. */
  readonly epsilon: number;
}

/** Mean and (biased) variance of each channel (the last axis) over all examples and places. */
export function batchStatistics(x: Tensor): BatchStatistics {
  return centredInBatch(x);
}

function centredInBatch(x: Tensor): Centred {
  const mean = tf.mean(x, placesOf(x));
  const centred = tf.sub(x, mean);
  return { mean, centred, variance: tf.mean(tf.square(centred), placesOf(x)) };
}

/** All axes but the last. */
const placesOf = ({ shape }: Tensor): number[] => shape.map((_, axis) => axis).slice(0, -1);

/**
 * γ (x − mean) ÷ σ + β with σ² = variance + ε, both of the batch: Ioffe and Szegedy 2015, Algorithm 1. Its gradient is that of
 * section 3, put together,
 *
 * dx = γ ÷ σ · (dy − mean(dy) − (x − mean) ÷ σ² · mean(dy (x − mean))),
 *
 * of which only two terms are of the size of x. Can be differentiated to any order.
 */
export function normalizeInBatch(x: Tensor, { gamma, beta, epsilon }: Affine): Tensor {
  const normalized = tf.customGrad((images, scale, offset, save) => {
    const inputs = [images as Tensor, scale as Tensor] as const;
    (save as (tensors: Tensor[]) => void)([...inputs]);
    const affine = { gamma: inputs[1], beta: offset as Tensor, epsilon };
    return {
      value: scaled(centredInBatch(inputs[0]), affine),
      gradFunc: (dy: Tensor, [savedX, savedGamma]: Tensor[]) =>
        gradients(dy, { x: savedX as Tensor, gamma: savedGamma as Tensor, epsilon }),
    };
  });
  return normalized(x, gamma, beta);
}

/** γ (x − mean) ÷ √(variance + ε) + β */
function scaled({ centred, variance }: Centred, { gamma, beta, epsilon }: Affine): Tensor {
  const mean = tf.zerosLike(variance);
  return tf.batchNorm(centred, mean as never, variance as never, beta as never, gamma as never, epsilon);
}

/** Of x, γ and β. */
function gradients(dy: Tensor, { x, gamma, epsilon }: Omit<Affine, 'beta'> & { readonly x: Tensor }): Tensor[] {
  const statistics = centredInBatch(x);
  const squared = tf.add(statistics.variance, epsilon);
  const sigma = tf.sqrt(squared);
  const factor = tf.div(gamma, sigma);
  const bias = tf.mean(dy, placesOf(x));
  const slope = tf.mean(tf.mul(dy, statistics.centred), placesOf(x));
  const rest = { gamma: tf.neg(tf.div(tf.mul(gamma, slope), squared)), beta: tf.neg(tf.mul(factor, bias)), epsilon };
  const count = sizeOf(x.shape.slice(0, -1));
  return [
    tf.add(tf.mul(dy, factor), scaled(statistics, rest)),
    tf.div(tf.mul(slope, count), sigma),
    tf.mul(bias, count),
  ];
}
