/** Norms of the filter gradients of single examples. */

import { type Tensor, tf } from '../compile/tf.ts';
import { windowOf, windowSlices } from './windows.ts';

export interface FilterGradientInputs {
  /** Input of the convolution, `[batch, height, width, in]`. */
  readonly x: Tensor;
  /** Gradient at its output, `[batch, height′, width′, out]`. */
  readonly dy: Tensor;
  readonly window: { readonly size: number; readonly stride: number; readonly padding: 'same' | 'valid' | number };
}

/**
 * ‖Uᵀ D‖² of each example, `[batch]`, with U = im2col(x) `[T, size² · in]` and D = dy `[T, out]` over its T positions:
 * by the gradients themselves, or by Σ (U Uᵀ ∘ D Dᵀ) where that is smaller (the mixed rule of Bu et al. 2022).
 */
export function filterGradientNorms({ x, dy, window }: FilterGradientInputs): Tensor {
  const attributes = { filterSize: window.size, strides: window.stride, pad: window.padding };
  const columns = tf.concat([...windowSlices(x, windowOf(x.shape, attributes), 0)], 3);
  const [batch, height, width, out] = dy.shape as [number, number, number, number];
  const positions = height * width;
  const size = columns.shape[3] as number;
  const u = tf.reshape(columns, [batch, positions, size]);
  const d = tf.reshape(dy, [batch, positions, out]);
  if (2 * positions ** 2 >= size * out) return tf.sum(tf.square(tf.matMul(u, d, true, false)), [1, 2]);
  const products = tf.mul(tf.matMul(u, u, false, true), tf.matMul(d, d, false, true));
  return tf.relu(tf.sum(products, [1, 2])); // rounding may leave a sum below 0
}
