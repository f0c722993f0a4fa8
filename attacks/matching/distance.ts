/** How far a simulated gradient is from the one seen. */

import { scalar } from '../../src/arrays/ndarray.ts';
import { arraysOf, mapArrays } from '../../src/arrays/tree.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { Params } from '../../src/contracts/model.ts';

/**
 * Three weightings of one distance Σ_k w_k ‖g_k − t_k‖², over the arrays k of the parameters:
 * - `per-layer`: w_k = 1 ÷ (K ‖t_k‖²), the mean relative error: weak first layers count as much as the last one;
 * - `global`: w_k = 1 ÷ Σ ‖t‖², the relative error of the whole;
 * - `sum`: w_k = 1, as published (Zhu et al. 2019, Eq. 5; Ren et al. 2022).
 */
export type Weighting = 'per-layer' | 'global' | 'sum';

/** w_k for each array of the target, in its structure. */
export function distanceWeights(target: Params, weighting: Weighting): Params {
  const arrays = arraysOf(target);
  const total = arrays.reduce((sum, array) => sum + squaredNorm(array), 0);
  const weight = {
    'per-layer': (array: NdArray) => 1 / (arrays.length * (squaredNorm(array) + tiny)),
    global: () => 1 / (total + tiny),
    sum: () => 1,
  }[weighting];
  return mapArrays(target, (array) => scalar(weight(array)));
}

const tiny = 1e-30; // an array of zeros

const squaredNorm = ({ data }: NdArray): number => data.reduce((sum, value) => sum + value * value, 0);

/** Σ_k w_k ‖g_k − t_k‖², a scalar. */
export function gradientDistance(gradient: Tensors<Params>, target: Tensors<Params>, weights: Tensors<Params>): Tensor {
  const terms = gradient.flatMap((layer, index) =>
    Object.entries(layer).map(([name, value]) => {
      const difference = tf.sub(value, target[index]?.[name] as Tensor);
      return tf.mul(weights[index]?.[name] as Tensor, tf.sum(tf.square(difference)));
    }),
  );
  return terms.reduce((sum, term) => tf.add(sum, term));
}
