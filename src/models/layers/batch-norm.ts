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
      const statistics = training ? batchStatistics(x) : statisticsOf(state);
      const scaled = tf.mul(normalize(x, statistics, epsilon), params['gamma'] as Tensor);
      const output = tf.add(scaled, params['beta'] as Tensor);
      return { output, state: training ? running(statisticsOf(state), x, momentum) : state };
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

/** Mean and (biased) variance of each channel over all examples and places. */
export function batchStatistics(x: Tensor): Statistics {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const mean = tf.mean(x, axes);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes) };
}

/** (x − mean) ÷ √(variance + ε) */
export function normalize(x: Tensor, { mean, variance }: Statistics, epsilon: number): Tensor {
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
}

function running(old: Statistics, x: Tensor, momentum: number): LayerTensors {
  const count = sizeOf(x.shape.slice(0, -1));
  const batch = batchStatistics(stopGradient(x));
  const unbiased = tf.mul(batch.variance, count / Math.max(count - 1, 1));
  const moved = (from: Tensor, to: Tensor) => tf.add(tf.mul(from, momentum), tf.mul(to, 1 - momentum));
  return { mean: moved(old.mean, batch.mean), variance: moved(old.variance, unbiased) };
}
