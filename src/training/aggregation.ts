/** Averaging what clients send. */

import { zipArrays } from '../arrays/tree.ts';
import type { NdArray } from '../contracts/array.ts';

export interface WeightedTree<T> {
  readonly tree: T;
  /** Number of examples behind it. */
  readonly examples: number;
}

/** Σ (n_k ÷ n) · tree_k, summed in float64 (FedAvg). Throws a ShapeError where structures differ. */
export function weightedAverage<T>(parts: readonly WeightedTree<T>[]): T {
  const total = parts.reduce((sum, part) => sum + part.examples, 0);
  if (!(total > 0)) throw new RangeError(`averaging needs at least one example, but ${parts.length} parts have none.`);
  const shares = parts.map((part) => part.examples / total);
  return zipArrays(
    parts.map((part) => part.tree),
    (arrays) => combine(arrays, shares),
  );
}

/** a + b, elementwise over all arrays. */
export function addTrees<T>(a: T, b: T): T {
  return zipArrays([a, b], (arrays) => combine(arrays, [1, 1]));
}

/** a − b, elementwise over all arrays. */
export function subtractTrees<T>(a: T, b: T): T {
  return zipArrays([a, b], (arrays) => combine(arrays, [1, -1]));
}

function combine(arrays: readonly NdArray[], factors: readonly number[]): NdArray {
  const sums = new Float64Array(arrays[0]?.data.length ?? 0);
  arrays.forEach(({ data }, part) => {
    const factor = factors[part] ?? 0;
    for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] as number) + factor * (data[i] as number);
  });
  return { shape: arrays[0]?.shape ?? [], data: Float32Array.from(sums) };
}
