/** Trees of arrays and tensors taken apart into flat lists, and put together again. */

import { ShapeError } from '../arrays/errors.ts';
import { isNdArray, sizeOf } from '../arrays/ndarray.ts';
import type { NdArray, Tree } from '../contracts/array.ts';
import { type Tensor, tf } from './tf.ts';

/** Stands for leaf number `index` of the flat list. */
export class Slot {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

export interface Flattened<Leaf> {
  readonly leaves: readonly Leaf[];
  /** Where each leaf was, as in `params.0.kernel`. */
  readonly paths: readonly string[];
  readonly structure: Tree<Slot>;
}

/** The arrays of what a compiled function is called with. */
export function flattenInputs(functionName: string, inputs: unknown): Flattened<NdArray> {
  const flat = flatten(inputs, isArrayLeaf, (path, value) => {
    throw new TypeError(
      `compiled function "${functionName}": input ${path} must be an array { shape, data: Float32Array }, but is ${kindOf(value)}.`,
    );
  });
  flat.leaves.forEach(({ shape, data }, index) => {
    if (sizeOf(shape) === data.length) return;
    throw new ShapeError(
      `compiled function "${functionName}": input ${flat.paths[index]} has shape [${shape}], but ${data.length} values.`,
    );
  });
  return flat;
}

/** The tensors of what a body returns. */
export function flattenOutputs(functionName: string, outputs: unknown): Flattened<Tensor> {
  return flatten(outputs, isTensor, (path, value) => {
    throw new TypeError(
      `compiled function "${functionName}": output ${path} must be a tensor or a list or record of them, but is ${kindOf(value)}.`,
    );
  });
}

/** The structure with the leaves in their places. */
export function unflatten(structure: Tree<Slot>, leaves: readonly unknown[]): unknown {
  if (structure === undefined) return undefined;
  if (structure instanceof Slot) return leaves[structure.index];
  if (Array.isArray(structure)) return structure.map((child: Tree<Slot>) => unflatten(child, leaves));
  return Object.fromEntries(
    Object.entries(structure).map(([key, child]) => [key, unflatten(child as Tree<Slot>, leaves)]),
  );
}

function flatten<Leaf>(
  root: unknown,
  isLeaf: (node: unknown) => node is Leaf,
  refuse: (path: string, value: unknown) => never,
): Flattened<Leaf> {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const visit = (node: unknown, path: string): Tree<Slot> => {
    if (node === undefined) return undefined;
    if (isLeaf(node)) {
      paths.push(path);
      return new Slot(leaves.push(node) - 1);
    }
    const below = (key: string | number) => (path === '' ? `${key}` : `${path}.${key}`);
    if (Array.isArray(node)) return node.map((child, index) => visit(child, below(index)));
    if (!isRecord(node)) return refuse(path === '' ? '(the whole)' : `"${path}"`, node);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child, below(key))]));
  };
  const structure = visit(root, '');
  return { leaves, paths, structure };
}

function isArrayLeaf(node: unknown): node is NdArray {
  return isNdArray(node);
}

function isTensor(node: unknown): node is Tensor {
  return node instanceof tf.Tensor;
}

function isRecord(node: unknown): node is Record<string, unknown> {
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return false;
  const prototype = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (value instanceof tf.Tensor) return 'a tensor';
  if (isNdArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : String(value);
}
