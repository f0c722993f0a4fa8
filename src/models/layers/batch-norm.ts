import { full, sizeOf, zeros } from '../../arrays/ndarray.ts';
import { stopGradient } from '../../autodiff/index.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { Layer, LayerTensors } from '../../contracts/model.ts';
import { requireShare } from './checks.ts';

export interface BatchNormOptions {
  /** How much of the running statistics stays at each step. */
  readonly momentum?: number;
  /** Added to the variance. */
  readonly epsilon?: number;
}

/**
 * γ (x − mean) ÷ √(variance + ε) + β, by channel (the last axis). While training the statistics are the batch's, over all
 * other axes; otherwise the running ones: momentum · old + (1 − momentum) · batch, with the unbiased variance
 * (Ioffe and Szegedy 2015, Algorithms 1 and 2). Parameters `gamma`, `beta`; state `mean`, `variance`; all `[channels]`.
 * @throws RangeError where the momentum is not in [0, 1).
 */
export function batchNorm({ momentum = 0.9, epsilon = 1e-5 }: BatchNormOptions = {}): Layer {
  requireShare({ momentum });
  return {
    name: 'batch-norm',
    label: 'batch-norm',
    mixesExamples: true,
    outputShape: (inputShape) => inputShape,
    init: (_, inputShape) => {
      const channels = inputShape.slice(-1);
      return {
        params: { gamma: full(channels, 1), beta: zeros(channels) },
        state: { mean: zeros(channels), variance: full(channels, 1) },
      };
    },
    apply: (params, x, { state, training }) => {
      const old = statisticsOf(state);
      const centred = training ? centredInBatch(x) : { ...old, x: tf.sub(x, old.mean) };
      const affine = { gamma: params['gamma'] as Tensor, beta: params['beta'] as Tensor };
      const output = normalize(centred, { ...affine, epsilon });
      return { output, state: training ? running(old, x, momentum) : state };
    },
  };
}

interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

const statisticsOf = ({ mean, variance }: LayerTensors): Statistics => ({
  mean: mean as Tensor,
  variance: variance as Tensor,
});

interface Centred extends Statistics {
  /** Less the mean. */
  readonly x: Tensor;
}

/** With mean and (biased) variance of each channel over all examples and places. */
export function centredInBatch(x: Tensor): Centred {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const mean = tf.mean(x, axes);
  const centred = tf.sub(x, mean);
  return { x: centred, mean, variance: tf.mean(tf.square(centred), axes) };
}

interface Affine {
  readonly gamma: Tensor;
  readonly beta: Tensor;
}

/** γ x ÷ √(variance + ε) + β; the factor of each channel is put together first, so that its gradient passes over x once. */
export function normalize({ x, variance }: Centred, { gamma, beta, epsilon }: Affine & { epsilon: number }): Tensor {
  return tf.add(tf.mul(x, tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)))), beta);
}

function running(old: Statistics, x: Tensor, momentum: number): LayerTensors {
  const count = sizeOf(x.shape.slice(0, -1));
  const batch = centredInBatch(stopGradient(x));
  const unbiased = tf.mul(batch.variance, count / Math.max(count - 1, 1));
  const moved = (from: Tensor, to: Tensor) => tf.add(tf.mul(from, momentum), tf.mul(to, 1 - momentum));
  return { mean: moved(old.mean, batch.mean), variance: moved(old.variance, unbiased) };
}
