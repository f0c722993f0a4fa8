/** Upper bounds of largest singular values in float64. They err upwards only, by at most 0.1 %. */

/** Row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

const squarings = 12;
const roundingMargin = 1 + 1e-10;

/**
 * σ_max(M) ≤ (tr G^p)^(1/2p) for the smaller Gram matrix G of M and p = 2¹², by repeated squaring, rescaled to trace 1 each
 * time: too large by at most n^(1/2p), 0.1 % at n = 1000. Bounds only fall as p grows: who looks for the largest of many need
 * not know those below `floor`, for which the floor is given back.
 */
export function spectralNormAtMost(matrix: Matrix, floor = 0): number {
  let power = gram(matrix);
  let scale = trace(power);
  if (scale === 0) return 0;
  let logNorm = Math.log(scale);
  for (let j = 1; j <= squarings; j += 1) {
    power = squared(scaled(power, 1 / scale));
    scale = trace(power);
    logNorm += Math.log(scale) * 2 ** -j;
    if (Math.exp(logNorm / 2) * roundingMargin <= floor) return floor;
  }
  return Math.exp(logNorm / 2) * roundingMargin;
}

/** M Mᵀ or Mᵀ M, whichever is smaller. */
function gram({ rows, columns, data }: Matrix): Matrix {
  const [size, depth, along, across] = rows <= columns ? [rows, columns, columns, 1] : [columns, rows, 1, columns];
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let k = 0; k < depth; k += 1) {
        sum += (data[i * along + k * across] as number) * (data[j * along + k * across] as number);
      }
      product[i * size + j] = sum;
      product[j * size + i] = sum;
    }
  }
  return { rows: size, columns: size, data: product };
}

/** S² of a symmetric S, which is S Sᵀ. */
function squared(symmetric: Matrix): Matrix {
  return gram(symmetric);
}

function scaled({ data, ...shape }: Matrix, by: number): Matrix {
  return { ...shape, data: data.map((value) => value * by) };
}

function trace({ rows, data }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i += 1) sum += data[i * rows + i] as number;
  return sum;
}
