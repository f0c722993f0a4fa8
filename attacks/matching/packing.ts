/** Many arrays as one vector: each array that goes in and out of a graph costs time of its own, and so does each small operation. */

import { sizeOf } from '../../src/arrays/ndarray.ts';
import { arraysOf, mapArrays, valueCount } from '../../src/arrays/tree.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';

/** Between a tree of arrays and the vector `[values]` of all their values, one array after the other. */
export interface Packing<T> {
  pack(tree: T): NdArray;
  /** Views of the vector, in the shapes of the tree. */
  unpack(vector: NdArray): T;
  /** The same inside of a graph. */
  unpackTensors(vector: Tensor): Tensors<T>;
}

/** @param like A tree of the shapes to come. */
export function packingOf<T>(like: T): Packing<T> {
  const lengths = arraysOf(like).map(({ data }) => data.length);
  const total = valueCount(like);
  const shapes = mapArrays(like, ({ shape }) => ({ shape, data: nothing })); // keeps no values
  return {
    pack: (tree) => {
      const data = new Float32Array(total);
      let offset = 0;
      for (const array of arraysOf(tree)) {
        data.set(array.data, offset);
        offset += array.data.length;
      }
      return { shape: [total], data };
    },
    unpack: ({ data }) => {
      let offset = 0;
      return mapArrays(shapes, ({ shape }) => {
        offset += sizeOf(shape);
        return { shape, data: data.subarray(offset - sizeOf(shape), offset) };
      });
    },
    unpackTensors: (vector) => {
      const parts = lengths.length === 1 ? [vector] : tf.split(vector, lengths);
      let index = 0; // the list itself belongs to TensorFlow.js
      const each = mapArrays(shapes, ({ shape }) => tf.reshape(parts[index++] as Tensor, [...shape]) as never);
      return each as Tensors<T>;
    },
  };
}

const nothing = new Float32Array(0);

/** What tells trees apart whose packings differ. */
export function structureOf(tree: unknown): string {
  return JSON.stringify(mapArrays(tree, ({ shape }) => shape as never));
}
