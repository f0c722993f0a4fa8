/** Arrays outside compiled functions, tensors inside, and the types that carry one into the other. */

import type { Tensor } from '@tensorflow/tfjs';

export type Shape = readonly number[];

/** A dense float32 array in row-major order. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** A structure of leaves: a leaf, a list, a record, or `undefined` (no leaf at all). */
export type Tree<Leaf> = Leaf | undefined | readonly Tree<Leaf>[] | { readonly [name: string]: Tree<Leaf> };

/** The same structure with tensors where `T` has arrays. */
export type Tensors<T> = T extends NdArray
  ? Tensor
  : T extends undefined
    ? undefined
    : { readonly [K in keyof T]: Tensors<T[K]> };

/** The same structure with arrays where `T` has tensors. */
export type Arrays<T> = T extends Tensor
  ? NdArray
  : T extends undefined
    ? undefined
    : { readonly [K in keyof T]: Arrays<T[K]> };
