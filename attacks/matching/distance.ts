/** How far a simulated gradient is from the one seen. */

import { scalar } from '../../src/arrays/ndarray.ts';
import { arraysOf, mapArrays } from '../../src/arrays/tree.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { Params } from '../../src/contracts/model.ts';

/**
 * Distances of one form, d = Σ_k w_k ‖g_k − t_k‖² over the arrays k of the parameters:
 * - `per-layer`: w_k = 1 ÷ (K ‖t_k‖²), the mean relative error: weak first layers count as much as the last one;
 * - `global`: w_k = 1 ÷ Σ ‖t‖², the relative error of the whole;
 * - `grnn`: w_k = 1, and d + √d counts, as GRNN's authors compute it (github.com/Rand2AI/GRNN): what their loss calls the
 *   Wasserstein distance compares one vector with one vector, and so is the norm of their difference.
 */
export type Weighting = 'per-layer' | 'global' | 'grnn';

/** w_k for each array of the target, in its structure. */
export function distanceWeights(target: Params, weighting: Weighting): Params {
  const arrays = arraysOf(target);
  const total = arrays.reduce((sum, array) => sum + squaredNorm(array), 0);
  const weight = {
    'per-layer': (array: NdArray) => 1 / (arrays.length * (squaredNorm(array) + tiny)),
    global: () => 1 / (total + tiny),
    grnn: () => 1,
  }[weighting];
  return mapArrays(target, (array) => scalar(weight(array)));
}

const tiny = 1e-30; // an array of zeros

const squaredNorm = ({ data }: NdArray): number => data.reduce((sum, value) => sum + value * value, 0);

export interface Distance {
  readonly target: Tensors<Params>;
  /** w_k, see `distanceWeights`. */
  readonly weights: Tensors<Params>;
  readonly weighting: Weighting;
}

/** How far the gradient is from the target, a scalar. */
export function gradientDistance(gradient: Tensors<Params>, { target, weights, weighting }: Distance): Tensor {
  const terms = gradient.flatMap((layer, index) =>
    Object.entries(layer).map(([name, value]) => {
      const difference = tf.sub(value, target[index]?.[name] as Tensor);
      return tf.mul(weights[index]?.[name] as Tensor, tf.sum(tf.square(difference)));
    }),
  );
  const squares = terms.reduce((sum, term) => tf.add(sum, term));
  if (weighting !== 'grnn') return squares;
  return tf.add(squares, tf.sqrt(tf.add(squares, tiny))); // at 0 the root has no slope
}
