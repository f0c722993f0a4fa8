/** Plain values with arrays in them, as a JSON document that names the arrays of a safetensors file beside it. */

import type { NdArray } from '../../contracts/array.ts';
import type { NamedArrays } from './safetensors.ts';

export interface Document {
  /**
   * The value with `{ "array": name }` in place of each array; the name is its path, as in `rounds/0/params/2/kernel`. An array
   * that several places share is there once, under the first path.
   */
  readonly json: unknown;
  readonly arrays: NamedArrays;
}

export function toDocument(value: unknown): Document {
  const arrays: Record<string, NdArray | Int32Array> = {};
  const names = new Map<NdArray | Int32Array, string>();
  const walk = (part: unknown, path: readonly string[]): unknown => {
    if (isArray(part)) {
      const name = names.get(part) ?? path.join('/');
      names.set(part, name);
      arrays[name] = part;
      return { array: name };
    }
    if (Array.isArray(part)) return part.map((entry, index) => walk(entry, [...path, String(index)]));
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, walk(entry, [...path, key])]));
  };
  return { json: walk(value, []), arrays };
}

/** @throws RangeError where the document names an array that is not there. */
export function fromDocument({ json, arrays }: Document): unknown {
  const walk = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(walk);
    if (part === null || typeof part !== 'object') return part;
    if (isReference(part)) return named(arrays, part.array);
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, walk(entry)]));
  };
  return walk(json);
}

function isArray(value: unknown): value is NdArray | Int32Array {
  if (value instanceof Int32Array) return true;
  return typeof value === 'object' && value !== null && (value as NdArray).data instanceof Float32Array;
}

function isReference(value: object): value is { readonly array: string } {
  return Object.keys(value).length === 1 && typeof (value as { array?: unknown }).array === 'string';
}

function named(arrays: NamedArrays, name: string): NdArray | Int32Array {
  const array = arrays[name];
  if (array === undefined)
    throw new RangeError(`the document names the array "${name}", which is not in the file beside it.`);
  return array;
}
