/** Averaging what clients send. */

import { arraysOf, mapArrays, zipArrays } from '../arrays/tree.ts';
import type { NdArray } from '../contracts/array.ts';

export interface WeightedTree<T> {
  readonly tree: T;
  /** Number of examples behind it. */
  readonly examples: number;
}

/** Σ (n_k ÷ n) · tree_k, summed in float64 (FedAvg). Trees are added one at a time, so that none but the first is kept. */
export interface RunningAverage<T> {
  /** Throws a ShapeError where the structure is not that of the first tree. */
  add(part: WeightedTree<T>): void;
  /** Throws a RangeError where there were no examples. */
  mean(): T;
}

/** @param total n, the number of examples behind all trees that will be added. */
export function runningAverage<T>(total: number): RunningAverage<T> {
  let first: T | undefined;
  let sums: Float64Array[] = [];
  return {
    add({ tree, examples }) {
      first ??= tree;
      if (sums.length === 0) sums = arraysOf(first).map(({ data }) => new Float64Array(data.length));
      let index = 0;
      zipArrays([first, tree], ([like, array]) => {
        addScaled(sums[index], array.data, examples / total);
        index += 1;
        return like;
      });
    },
    mean() {
      if (first === undefined || !(total > 0)) throw new RangeError('averaging needs at least one example.');
      let index = 0;
      return mapArrays(first, ({ shape }) => {
        index += 1;
        return { shape, data: new Float32Array(sums[index - 1]) };
      });
    },
  };
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
    addScaled(sums, data, factors[part] ?? 0);
  });
  return { shape: arrays[0]?.shape ?? [], data: new Float32Array(sums) };
}

function addScaled(sums: Float64Array, data: Float32Array, factor: number): void {
  for (let i = 0; i < sums.length; i += 1) sums[i] += factor * data[i];
}
