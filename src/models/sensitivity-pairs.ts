/**
 * How far a linear layer can move its output in one norm when its input moves by 1 in another: Δ_{p,q} = sup ‖Ax‖_q ÷ ‖x‖_p for
 * all nine pairs of L1, L2 and L∞, in float64, outside of graphs. Every bound is sound, and says whether it is exact.
 */

import type { NdArray } from '../contracts/array.ts';
import { largestOverSigns, mostSigns } from './sensitivity-signs.ts';
import { type Matrix, spectralNormAtMost } from './sensitivity-spectral.ts';

export type PairNorm = 'l1' | 'l2' | 'linf';

export interface NormPair {
  /** Of the input. */
  readonly from: PairNorm;
  /** Of the output. */
  readonly to: PairNorm;
}

export interface PairBound {
  /** At least Δ_{p,q}. */
  readonly bound: number;
  /** Whether it is Δ_{p,q} itself (up to 0.1 % where singular values are involved). */
  readonly exact: boolean;
}

/**
 * Of y = x·W, `kernel` `[in, out]`. From L1: the largest row norm; to L∞: the largest column norm; L2 to L2: the largest
 * singular value. The three others are NP-hard: by enumerating signs up to 20, else by √n times the singular value.
 */
export function densePair(kernel: NdArray, { from, to }: NormPair): PairBound {
  const matrix = matrixOf(kernel);
  if (from === 'l1') return { bound: largestRow(matrix, to), exact: true };
  if (to === 'linf') return { bound: largestRow(transposed(matrix), dualOf(from)), exact: true };
  if (from === 'l2' && to === 'l2') return { bound: spectralNormAtMost(matrix), exact: true };
  return from === 'l2' ? fromCube(transposed(matrix), 'l2') : fromCube(matrix, to);
}

/** ‖A‖_{∞→q}; and ‖A‖_{2→1} = ‖Aᵀ‖_{∞→2}. */
function fromCube(matrix: Matrix, to: 'l1' | 'l2'): PairBound {
  if (matrix.rows <= mostSigns) return { bound: largestOverSigns(matrix, to === 'l1' ? 1 : 2), exact: true };
  if (to === 'l1' && matrix.columns <= mostSigns) return fromCube(transposed(matrix), 'l1'); // ‖A‖_{∞→1} = ‖Aᵀ‖_{∞→1}
  const outputs = to === 'l1' ? matrix.columns : 1;
  const spectral = Math.sqrt(matrix.rows * outputs) * spectralNormAtMost(matrix);
  const byRows = to === 'l1' ? sumOfRows(matrix, 'l1') : sumOfRows(matrix, 'l2'); // Σ_i |x_i| ‖row_i‖
  return { bound: Math.min(spectral, byRows), exact: false };
}

/** The norm in which a functional is measured against inputs in `norm`. */
export function dualOf(norm: PairNorm): PairNorm {
  return norm === 'l1' ? 'linf' : norm === 'linf' ? 'l1' : 'l2';
}

/** Throws a RangeError for a kernel that is no matrix. */
function matrixOf({ shape, data }: NdArray): Matrix {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new RangeError(`the kernel of a dense layer must be [in, out], but is [${shape}].`);
  }
  return { rows, columns, data: Float64Array.from(data) };
}

function transposed({ rows, columns, data }: Matrix): Matrix {
  const turned = Float64Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] as number);
  return { rows: columns, columns: rows, data: turned };
}

function rowNorms({ rows, columns, data }: Matrix, norm: PairNorm): number[] {
  return Array.from({ length: rows }, (_, i) => vectorNorm(data.subarray(i * columns, (i + 1) * columns), norm));
}

const largestRow = (matrix: Matrix, norm: PairNorm) => Math.max(0, ...rowNorms(matrix, norm));
const sumOfRows = (matrix: Matrix, norm: PairNorm) => rowNorms(matrix, norm).reduce((sum, value) => sum + value, 0);

export function vectorNorm(values: ArrayLike<number>, norm: PairNorm): number {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) {
    const size = Math.abs(values[i] as number);
    total = norm === 'linf' ? Math.max(total, size) : total + (norm === 'l1' ? size : size * size);
  }
  return norm === 'l2' ? Math.sqrt(total) : total;
}
