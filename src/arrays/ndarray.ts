/** Making and reading NdArrays. */

import type { NdArray, Shape } from '../contracts/array.ts';
import { ShapeError } from './errors.ts';

/** Number of elements of an array of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** An array over `data` as it is (not copied). Throws a ShapeError where the lengths differ. */
export function ndarray(shape: Shape, data: Float32Array | readonly number[]): NdArray {
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(`shape [${shape}] needs ${sizeOf(shape)} values, but ${values.length} were given.`);
  }
  return { shape, data: values };
}

export function scalar(value: number): NdArray {
  return { shape: [], data: Float32Array.of(value) };
}

export function zeros(shape: Shape): NdArray {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}

export function full(shape: Shape, value: number): NdArray {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}

export function isNdArray(value: unknown): value is NdArray {
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array;
}

/** Rows `start` … `end` − 1 along the first axis, as a view on the same data. */
export function rows(array: NdArray, start: number, end: number): NdArray {
  const [length = 0, ...rest] = array.shape;
  if (!(start >= 0 && start <= end && end <= length)) {
    throw new RangeError(`rows must lie within 0 … ${length}, but are ${start} … ${end}.`);
  }
  const width = sizeOf(rest);
  return { shape: [end - start, ...rest], data: array.data.subarray(start * width, end * width) };
}

/** Arrays of equal row shape one under the other. */
export function concatRows(arrays: readonly NdArray[]): NdArray {
  const [first, ...others] = arrays;
  if (first === undefined) throw new ShapeError('concatRows needs at least one array.');
  const rest = first.shape.slice(1);
  const stray = others.find((array) => !sameShape(array.shape.slice(1), rest));
  if (stray)
    throw new ShapeError(`concatRows needs rows of shape [${rest}], but one array has shape [${stray.shape}].`);
  const length = arrays.reduce((sum, array) => sum + (array.shape[0] ?? 0), 0);
  const data = new Float32Array(length * sizeOf(rest));
  let offset = 0;
  for (const array of arrays) {
    data.set(array.data, offset);
    offset += array.data.length;
  }
  return { shape: [length, ...rest], data };
}
