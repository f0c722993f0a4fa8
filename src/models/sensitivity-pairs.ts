/**
 * How far a linear layer can move its output in one norm when its input moves by 1 in another: Δ_{p→q} = sup ‖Ax‖_q ÷ ‖x‖_p where
 * p ≠ q, as expressions that can be differentiated. Exact where they are given at all: from L1 the worst input is a single
 * entry, to L∞ the worst output is one; the three others (L2 and L∞ to L1, L∞ to L2) are NP-hard, and found only for few entries.
 */

import { type Tensor, tf } from '../compile/tf.ts';
import type { Norm, NormPair } from '../contracts/model.ts';
import { phasesOf } from './sensitivity.ts';

/** Of y = x·W, `kernel` `[in, out]`; undefined for a pair that is NP-hard on more than twelve entries. */
export function denseBetween(kernel: Tensor, { from, to }: NormPair): Tensor | undefined {
  if (from === 'l1') return largestRow(kernel, to);
  if (to === 'linf') return largestRow(tf.transpose(kernel), dualOf(from));
  // ‖A‖₂→₁ = ‖Aᵀ‖∞→₂ and ‖A‖∞→₁ = ‖Aᵀ‖∞→₁: the cube of the outputs' signs serves as well as that of the inputs.
  const [inputs, outputs] = kernel.shape as [number, number];
  if (from === 'linf' && inputs <= mostSigns) return largestOverSigns(kernel, to);
  if (to === 'l1' && outputs <= mostSigns) return largestOverSigns(tf.transpose(kernel), dualOf(from));
  return undefined;
}

/**
 * Of a convolution, `kernel` `[height, width, in, out]`: from L1 the largest norm of the taps that one input entry reaches, those
 * of its residue modulo the stride; to L∞ the largest dual norm of a filter. Exact where windows lie within the image, and too
 * large otherwise; undefined for the pairs that are NP-hard.
 */
export function convBetween(
  kernel: Tensor,
  strides: readonly [number, number],
  { from, to }: NormPair,
): Tensor | undefined {
  const outputs = kernel.shape[3] as number;
  if (from === 'l1') {
    const phases = tf.transpose(phasesOf(kernel, strides), [1, 3, 4, 0, 2, 5]);
    return largestRow(tf.reshape(phases, [strides[0] * strides[1] * (kernel.shape[2] as number), -1]), to);
  }
  return to === 'linf' ? largestRow(tf.transpose(tf.reshape(kernel, [-1, outputs])), dualOf(from)) : undefined;
}

/** The norm in which a functional is measured against inputs in `norm`. */
function dualOf(norm: Norm): Norm {
  return norm === 'l1' ? 'linf' : norm === 'linf' ? 'l1' : 'l2';
}

const roundingMargin = 1 + 1e-6; // float32 may round the largest down

function largestRow(matrix: Tensor, norm: Norm): Tensor {
  return tf.mul(roundingMargin, tf.max(rowNorms(matrix, norm)));
}

function rowNorms(matrix: Tensor, norm: Norm): Tensor {
  if (norm === 'l2') return tf.sqrt(tf.add(tf.sum(tf.square(matrix), 1), 1e-24)); // √0 has no slope
  return norm === 'l1' ? tf.sum(tf.abs(matrix), 1) : tf.max(tf.abs(matrix), 1);
}

/** Most entries whose signs are enumerated: 2,048 inputs, since −s gives the same norm as s. */
const mostSigns = 12;

/** max over s ∈ {±1}^rows of ‖s·M‖: a convex function on the cube is largest at a corner. */
function largestOverSigns(matrix: Tensor, norm: Norm): Tensor {
  const rows = matrix.shape[0] as number;
  const count = 2 ** (rows - 1);
  const sign = (index: number) => (((index / rows) >> (index % rows)) & 1 ? -1 : 1);
  const signs = Float32Array.from({ length: count * rows }, (_, index) => sign(index));
  return largestRow(tf.matMul(tf.tensor2d(signs, [count, rows]), matrix), norm);
}
