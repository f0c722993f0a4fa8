import { ShapeError } from '../../arrays/errors.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Layer } from '../../contracts/model.ts';
import { glorot, type Initialization } from '../initializers.ts';
import { denseSensitivity } from '../sensitivity.ts';
import { denseBetween } from '../sensitivity-pairs.ts';
import { requirePositiveInteger } from './checks.ts';

export interface DenseOptions {
  readonly units: number;
  readonly init?: Initialization;
}

/**
 * x W + b: `[features]` → `[units]`. Parameters: `kernel` `[features, units]`, `bias` `[units]`.
 * @throws RangeError at an option out of range; ShapeError where the input is not flat.
 */
export function dense({ units, init = glorot }: DenseOptions): Layer {
  requirePositiveInteger({ units });
  const label = `dense ${units}`;
  return {
    name: 'dense',
    label,
    outputShape: (inputShape) => {
      featuresOf(label, inputShape);
      return [units];
    },
    init: (rng, inputShape) => {
      const features = featuresOf(label, inputShape);
      const fan = { in: features, out: units };
      const params = {
        kernel: init.kernel(rng.fork('kernel'), [features, units], fan),
        bias: init.bias(rng.fork('bias'), [units], fan),
      };
      return { params, state: {} };
    },
    apply: (params, x) => ({
      output: tf.add(tf.matMul(x, params['kernel'] as Tensor), params['bias'] as Tensor),
      state: {},
    }),
    linear: true,
    sensitivity: (norm, { kernel }) => denseSensitivity[norm](kernel as Tensor),
    sensitivityBetween: (pair, { kernel }) => denseBetween(kernel as Tensor, pair),
    // ‖x dᵀ‖² = ‖x‖² ‖d‖², and ‖d‖² for the bias (Goodfellow 2015).
    squaredGradientNorms: (_, x, dy) => tf.mul(tf.add(squaredRows(x), 1), squaredRows(dy)),
  };
}

function featuresOf(label: string, inputShape: Shape): number {
  const [features] = inputShape;
  if (inputShape.length !== 1 || features === undefined) {
    throw new ShapeError(
      `${label} needs a flat input [features], but it has shape [${inputShape}]. Put flatten before it.`,
    );
  }
  return features;
}

const squaredRows = (x: Tensor): Tensor => tf.sum(tf.square(x), 1);
