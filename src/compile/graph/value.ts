/** What a tensor is while it is traced. */

import type { Shape } from '../../contracts/array.ts';
import type { Dtype, Graph } from './graph.ts';

/** Axis `i` of what is stored is axis `layout[i]` of the tensor. */
export type Layout = readonly number[];

/** Known numbers: they belong to no graph and become an initializer in each that uses them. */
export interface Constant {
  readonly kind: 'constant';
  readonly shape: Shape;
  readonly dtype: Dtype;
  readonly values: ArrayLike<number>;
}

/** One known number everywhere. */
export interface Splat {
  readonly kind: 'splat';
  readonly shape: Shape;
  readonly dtype: Dtype;
  readonly value: number;
}

/** The result of a node (or an input), stored in `layout`, with size 1 along the axes where it only repeats. */
export interface Computed {
  readonly kind: 'computed';
  readonly shape: Shape;
  readonly dtype: Dtype;
  readonly graph: Graph;
  readonly name: string;
  readonly layout: Layout;
  /** Size along each axis of the tensor of what is stored: the shape's, or 1. */
  readonly extent: Shape;
}

export type Value = Constant | Splat | Computed;
