/** Made-up numbers that the peers' scripts make too (`peers/values.py`), so that both sides can be held against each other. */

import { ndarray, sizeOf } from '../src/arrays/ndarray.ts';
import { mapArrays } from '../src/arrays/tree.ts';
import type { NdArray, Shape } from '../src/contracts/array.ts';
import type { Batch } from '../src/contracts/dataset.ts';

/** In [0, 1): the place's hash. */
export function uniform(shape: Shape, seed: number): NdArray {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i += 1) data[i] = hash(i + Math.imul(seed, 0x9e3779b9)) / 2 ** 32;
  return ndarray(shape, data);
}

/** In [−scale, scale). */
export function centred(shape: Shape, seed: number, scale: number): NdArray {
  const { data } = uniform(shape, seed);
  return ndarray(
    shape,
    data.map((value) => (2 * value - 1) * scale),
  );
}

function hash(value: number): number {
  let h = Math.imul(value, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The arrays of a tree of parameters, filled in order: kernels from ±√(3 ÷ fan-in), vectors from ±0.05. */
export function filled<T>(params: T): T {
  let seed = 0;
  return mapArrays(params, ({ shape }) => {
    seed += 1;
    return centred(shape, seed, shape.length > 1 ? Math.sqrt(3 / sizeOf(shape.slice(0, -1))) : 0.05);
  });
}

/** Images in [0, 1) and one-hot labels; what is timed does not depend on them. */
export function batchOf(batch: number, shape: Shape, classes = 10): Batch {
  const y = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i += 1) y[i * classes + ((i * 3) % classes)] = 1;
  return { x: uniform([batch, ...shape], 1000), y: ndarray([batch, classes], y) };
}

/** Euclidean norm of all arrays of a tree together. */
export function norm(...arrays: readonly NdArray[]): number {
  return Math.sqrt(arrays.reduce((sum, { data }) => data.reduce((total, value) => total + value * value, sum), 0));
}
