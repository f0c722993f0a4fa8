import { exampleFilterGradients, filterGradientNorms } from '../../autodiff/index.ts';
import { type Tensor, type Tensor4D, tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { glorot, type Initialization } from '../initializers.ts';
import { convSensitivity } from '../sensitivity.ts';
import { convBetween } from '../sensitivity-pairs.ts';
import { imageShape, requireNonNegative, requirePositiveInteger } from './checks.ts';
import { convolutionLabel, type Padding, positions } from './windows.ts';

export interface Conv2dOptions {
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: Padding;
  readonly init?: Initialization;
}

/**
 * Cross-correlation with a bias: `[height, width, in]` → `[height′, width′, filters]`.
 * Parameters: `kernel` `[k, k, in, filters]`, `bias` `[filters]`.
 * @throws RangeError at an option out of range; ShapeError where the kernel does not fit into the input.
 */
export function conv2d(options: Conv2dOptions): Layer {
  const { filters, kernel, stride = 1, padding = 'same', init = glorot } = options;
  requirePositiveInteger({ filters, kernel, stride });
  if (typeof padding === 'number') requireNonNegative({ padding });
  const window = { size: kernel, stride, padding };
  const label = `conv2d ${convolutionLabel(window, filters)}`;
  return {
    name: 'conv2d',
    label,
    outputShape: (inputShape) => [...positions(label, inputShape, window), filters],
    init: (rng, inputShape) => {
      const channels = imageShape(label, inputShape)[2];
      const fan = { in: kernel * kernel * channels, out: kernel * kernel * filters };
      const params = {
        kernel: init.kernel(rng.fork('kernel'), [kernel, kernel, channels, filters], fan),
        bias: init.bias(rng.fork('bias'), [filters], fan),
      };
      return { params, state: {} };
    },
    apply: (params, x) => {
      const output = tf.conv2d(x as Tensor4D, params['kernel'] as Tensor4D, stride, padding);
      return { output: tf.add(output, params['bias'] as Tensor), state: {} };
    },
    linear: true,
    sensitivity: (norm, { kernel: weights }) => convSensitivity[norm](weights as Tensor, [stride, stride]),
    sensitivityBetween: (pair, { kernel: weights }) => convBetween(weights as Tensor, [stride, stride], pair),
    squaredGradientNorms: (_, x, dy) => tf.add(filterGradientNorms({ x, dy, window }), biasGradientNorms(dy)),
    exampleGradients: (_, x, dy) => ({ kernel: exampleFilterGradients({ x, dy, window }), bias: tf.sum(dy, [1, 2]) }),
  };
}

/** Squared norm of the sum over positions, `[batch]`. */
export function biasGradientNorms(dy: Tensor): Tensor {
  return tf.sum(tf.square(tf.sum(dy, [1, 2])), 1);
}
