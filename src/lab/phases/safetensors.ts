/**
 * Arrays in one file that other tools read: the safetensors format (github.com/huggingface/safetensors). Eight bytes with the
 * length of a JSON header, little-endian; the header, which gives each array's type, shape and place; then the data.
 */

import { ndarray, sizeOf } from '../../arrays/ndarray.ts';
import type { NdArray } from '../../contracts/array.ts';

/** Float32 arrays, and lists of whole numbers (labels). */
export type NamedArrays = Readonly<Record<string, NdArray | Int32Array>>;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const lengthBytes = 8;
const alignment = 8; // of the data, so that it can be viewed in place

export function toSafetensors(arrays: NamedArrays): Uint8Array {
  const header: Record<string, Entry> = {};
  let end = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const { dtype, shape, data } = described(array);
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const headerBytes = padded(Buffer.from(JSON.stringify(header)));
  const file = new Uint8Array(lengthBytes + headerBytes.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, lengthBytes);
  for (const [name, array] of Object.entries(arrays)) {
    const { data } = described(array);
    const start = lengthBytes + headerBytes.length + (header[name] as Entry).data_offsets[0];
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  }
  return file;
}

/** Spaces after the JSON are part of the format. */
function padded(text: Buffer): Buffer {
  return Buffer.concat([text], Math.ceil(text.length / alignment) * alignment).fill(' ', text.length);
}

function described(array: NdArray | Int32Array) {
  return array instanceof Int32Array
    ? { dtype: 'I32', shape: [array.length], data: array }
    : { dtype: 'F32', shape: array.shape, data: array.data };
}

/** @throws RangeError where the bytes are no such file, or hold other types than float32 and int32. */
export function fromSafetensors(bytes: Uint8Array): NamedArrays {
  const { header, data } = headerOf(bytes);
  const read = ([name, { dtype, shape, data_offsets: place }]: [string, Entry]) => {
    const part = new Uint8Array(data.subarray(...place)); // a copy, so that it is aligned
    if (part.byteLength !== 4 * sizeOf(shape)) throw new RangeError(`array "${name}" is cut off.`);
    if (dtype === 'F32') return [name, ndarray(shape, new Float32Array(part.buffer))];
    if (dtype === 'I32') return [name, new Int32Array(part.buffer)];
    throw new RangeError(`array "${name}" has type ${dtype}; only F32 and I32 are read.`);
  };
  return Object.fromEntries(Object.entries(header).map(read));
}

function headerOf(bytes: Uint8Array): { readonly header: Record<string, Entry>; readonly data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength < lengthBytes ? -1 : Number(view.getBigUint64(0, true));
  if (length < 0 || lengthBytes + length > bytes.byteLength) throw new RangeError('the header is cut off.');
  const text = Buffer.from(bytes.subarray(lengthBytes, lengthBytes + length)).toString();
  const { __metadata__: _, ...header } = JSON.parse(text) as Record<string, Entry>;
  return { header, data: bytes.subarray(lengthBytes + length) };
}
