/** The arrays of several calls as one array, and back. Neither copies where it need not: arrays are never written to. */

import { sizeOf } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';

type Data = NdArray['data'];

/** `[calls, ...shape]` of an array of each call. */
export function stacked(arrays: readonly NdArray[]): NdArray {
  const [{ shape }] = arrays;
  const parts = arrays.map(({ data }) => data);
  return { shape: [arrays.length, ...shape], data: remembered(parts) ?? sideBySide(parts) ?? copied(parts) };
}

/** Parts of one array already, as `unstacked` hands them out. */
function sideBySide(parts: readonly Data[]): Data | undefined {
  const [{ buffer, byteOffset, byteLength, length }] = parts;
  const follows = parts.every((part, i) => part.buffer === buffer && part.byteOffset === byteOffset + i * byteLength);
  return follows ? kept(parts, new Float32Array(buffer, byteOffset, length * parts.length)) : undefined;
}

/** What is the same at every step (what was seen of a victim) is stacked at the first, and is the same array at the others. */
const stacks = new WeakMap<Data, { readonly parts: readonly Data[]; readonly whole: Data }>();

function remembered(parts: readonly Data[]): Data | undefined {
  const stack = stacks.get(parts[0]);
  const isSame = stack?.parts.length === parts.length && stack.parts.every((part, i) => part === parts[i]);
  return isSame ? stack.whole : undefined;
}

function copied(parts: readonly Data[]): Data {
  const { length } = parts[0];
  const whole = new Float32Array(length * parts.length);
  parts.forEach((part, i) => {
    whole.set(part, i * length);
  });
  return kept(parts, whole);
}

function kept(parts: readonly Data[], whole: Data): Data {
  stacks.set(parts[0], { parts, whole });
  return whole;
}

/** Whoever keeps one part keeps the whole in memory: beyond this many bytes, should each call keep a part of another whole, parts are copies. */
const mostBytesKept = 2 ** 26;

/** The array of each call, of one `[calls, ...shape]`. */
export function unstacked({ shape: [calls, ...shape], data }: NdArray): NdArray[] {
  const length = sizeOf(shape);
  const isLarge = data.byteLength * calls > mostBytesKept;
  return Array.from({ length: calls }, (_, i) => {
    const part = data.subarray(i * length, (i + 1) * length);
    return { shape, data: isLarge ? part.slice() : part };
  });
}
