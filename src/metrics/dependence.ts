/** How strongly two sets of observations depend on each other, whatever the form of the dependence. */

/** Observations, one a row. */
export interface Observations {
  readonly count: number;
  /** `[count, size]`, row-major. */
  readonly data: Float32Array;
}

/**
 * Distance correlation (Székely, Rizzo and Bakirov 2007), in [0, 1]: 0 for independent variables in the limit only. For few
 * observations of many dimensions it is near 1 whatever they are; take the corrected one then.
 */
export function distanceCorrelation(x: Observations, y: Observations): number {
  const [a, b] = [doubleCentered(distances(x), x.count), doubleCentered(distances(y), y.count)];
  const variance = Math.sqrt(inner(a, a) * inner(b, b));
  return variance > 0 ? Math.sqrt(Math.max(0, inner(a, b) / variance)) : 0;
}

/**
 * The bias-corrected squared distance correlation (Székely and Rizzo 2013, U-centered): 0 on average for independent
 * variables, in any dimension; it may be negative. Needs at least 4 observations.
 */
export function biasCorrectedDistanceCorrelation(x: Observations, y: Observations): number {
  if (x.count < 4 || x.count !== y.count) {
    throw new RangeError(
      `distance correlation needs two sets of at least 4 observations, but has ${x.count} and ${y.count}.`,
    );
  }
  const [a, b] = [uCentered(distances(x), x.count), uCentered(distances(y), y.count)];
  const variance = Math.sqrt(inner(a, a) * inner(b, b));
  return variance > 0 ? inner(a, b) / variance : 0;
}

function distances({ count, data }: Observations): Float64Array {
  const size = data.length / count;
  const result = new Float64Array(count * count);
  for (let i = 0; i < count; i += 1) {
    for (let j = 0; j < i; j += 1) {
      let sum = 0;
      for (let k = 0; k < size; k += 1) sum += ((data[i * size + k] as number) - (data[j * size + k] as number)) ** 2;
      result[i * count + j] = Math.sqrt(sum);
      result[j * count + i] = Math.sqrt(sum);
    }
  }
  return result;
}

function rowSums(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) =>
    matrix.subarray(i * n, (i + 1) * n).reduce((sum, value) => sum + value, 0),
  );
}

function doubleCentered(matrix: Float64Array, n: number): Float64Array {
  const rows = rowSums(matrix, n);
  const total = rows.reduce((sum, value) => sum + value, 0);
  return matrix.map((value, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return value - (rows[i] as number) / n - (rows[j] as number) / n + total / (n * n);
  });
}

function uCentered(matrix: Float64Array, n: number): Float64Array {
  const rows = rowSums(matrix, n);
  const total = rows.reduce((sum, value) => sum + value, 0);
  return matrix.map((value, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    if (i === j) return 0;
    return value - (rows[i] as number) / (n - 2) - (rows[j] as number) / (n - 2) + total / ((n - 1) * (n - 2));
  });
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}
