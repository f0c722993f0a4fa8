/** How one TensorFlow.js kernel is written as ONNX nodes. */

import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';

/** Takes the kernel's inputs and attributes, by TensorFlow.js's names, to the value (or values) that it returns. */
export type Lowering<Inputs = never, Attributes = never> = (
  graph: Graph,
  inputs: Inputs,
  attributes: Attributes,
) => Value | readonly Value[];

export type Lowerings = Readonly<Record<string, Lowering>>;

export interface Unary {
  readonly x: Value;
}

export interface Binary {
  readonly a: Value;
  readonly b: Value;
}
