/** Averaging what clients send. */

import { arraysOf, mapArrays, zipArrays } from '../arrays/tree.ts';
import type { NdArray } from '../contracts/array.ts';

export interface WeightedTree<T> {
  readonly tree: T;
  /** Number of examples behind it. */
  readonly examples: number;
}

/** Σ (n_k ÷ n) · tree_k, summed in float64 (FedAvg). Trees are added a few at a time. */
export interface RunningAverage<T> {
  /**
   * Up to three trees wait until a fourth comes, or until the mean: their arrays must not be written to before.
   *
   * @throws ShapeError where the structure is not that of the first tree.
   */
  add(part: WeightedTree<T>): void;
  /** @throws RangeError where there were no examples. */
  mean(): T;
}

/** What is added in one pass: a sum is read and written once for all of them. */
const addedAtOnce = 4;

/** @param total n, the number of examples behind all trees that will be added. */
export function runningAverage<T>(total: number): RunningAverage<T> {
  let first: T | undefined;
  let sums: Float64Array[] = [];
  let waiting: Term[] = [];
  const addWaiting = () => {
    sums.forEach((sum, index) => {
      addTerms(sum, waiting, index);
    });
    waiting = [];
  };
  return {
    add({ tree, examples }) {
      if (first === undefined) {
        first = tree;
        sums = arraysOf(first).map(({ data }) => new Float64Array(data.length));
      }
      const arrays: NdArray[] = [];
      zipArrays([first, tree], ([like, array]) => {
        arrays.push(array);
        return like;
      });
      waiting.push({ factor: examples / total, arrays });
      if (waiting.length === addedAtOnce) addWaiting();
    },
    mean() {
      if (first === undefined || !(total > 0)) throw new RangeError('averaging needs at least one example.');
      addWaiting();
      let index = 0;
      return mapArrays(first, ({ shape }) => {
        index += 1;
        return { shape, data: new Float32Array(sums[index - 1]) };
      });
    },
  };
}

interface Term {
  readonly factor: number;
  readonly arrays: readonly NdArray[];
}

/** Adds factor · array of every term to the sum, one after the other. */
function addTerms(sum: Float64Array, terms: readonly Term[], index: number): void {
  const factors = terms.map(({ factor }) => factor);
  const data = terms.map(({ arrays }) => arrays[index].data);
  if (terms.length === addedAtOnce) addFour(sum, data, factors);
  else for (const [term, values] of data.entries()) addScaled(sum, values, factors[term]);
}

/** a + b, elementwise over all arrays. */
export function addTrees<T>(a: T, b: T): T {
  return zipArrays([a, b], ([left, right]) => combine(left, right, 1));
}

/** a − b, elementwise over all arrays. */
export function subtractTrees<T>(a: T, b: T): T {
  return zipArrays([a, b], ([left, right]) => combine(left, right, -1));
}

function combine(a: NdArray, b: NdArray, sign: 1 | -1): NdArray {
  const data = new Float32Array(a.data.length);
  for (let i = 0; i < data.length; i += 1) data[i] = a.data[i] + sign * b.data[i];
  return { shape: a.shape, data };
}

function addScaled(sum: Float64Array, data: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] += factor * data[i];
}

/** The same numbers as one after the other: the additions have the same order. */
function addFour(sum: Float64Array, [a, b, c, d]: readonly Float32Array[], [f, g, h, k]: readonly number[]): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i] + f * a[i] + g * b[i] + h * c[i] + k * d[i];
}
