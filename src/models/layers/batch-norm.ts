import { full, sizeOf, zeros } from '../../arrays/ndarray.ts';
import { type BatchStatistics, batchStatistics, normalizeInBatch, stopGradient } from '../../autodiff/index.ts';
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
      const affine = { gamma: params['gamma'] as Tensor, beta: params['beta'] as Tensor, epsilon };
      const old = statisticsOf(state);
      return training
        ? { output: normalizeInBatch(x, affine), state: running(old, x, momentum) }
        : { output: normalize(x, old, affine), state };
    },
  };
}

const statisticsOf = ({ mean, variance }: LayerTensors): BatchStatistics => ({
  mean: mean as Tensor,
  variance: variance as Tensor,
});

interface Affine {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly epsilon: number;
}

/** γ (x − mean) ÷ √(variance + ε) + β; the factor of each channel is put together first, so that its gradient passes over x once. */
function normalize(x: Tensor, { mean, variance }: BatchStatistics, { gamma, beta, epsilon }: Affine): Tensor {
  return tf.add(tf.mul(tf.sub(x, mean), tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)))), beta);
}

function running(old: BatchStatistics, x: Tensor, momentum: number): LayerTensors {
  const count = sizeOf(x.shape.slice(0, -1));
  const batch = batchStatistics(stopGradient(x));
  const unbiased = tf.mul(batch.variance, count / Math.max(count - 1, 1));
  const moved = (from: Tensor, to: Tensor) => tf.add(tf.mul(from, momentum), tf.mul(to, 1 - momentum));
  return { mean: moved(old.mean, batch.mean), variance: moved(old.variance, unbiased) };
}
