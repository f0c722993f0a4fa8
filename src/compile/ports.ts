/** Trees of arrays and tensors taken apart into flat lists, and put together again. */

import { ShapeError } from '../arrays/errors.ts';
import { isNdArray, sameShape, sizeOf } from '../arrays/ndarray.ts';
import type { NdArray, Shape, Tree } from '../contracts/array.ts';
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

/** What inputs of a compiled function have in common that one graph serves. */
interface Form {
  readonly paths: readonly string[];
  readonly structure: Tree<Slot>;
  /** The same for the same structure and shapes, as in `{"x":(2,3),"list":[(),-]}` with a number and a gap in the list. */
  readonly key: string;
}

/** What a compiled function is called with. */
export interface CallInputs extends Form {
  readonly leaves: readonly NdArray[];
}

/** So many forms are known again: a training has one for its batches, one for the last of an epoch, and those of an evaluation. */
const mostForms = 4;

/** Takes inputs of one function apart. Those of the form of earlier ones are quickly done: a search calls thousands of times. */
export function inputFlattener(functionName: string): (inputs: unknown) => CallInputs {
  let known: readonly { readonly form: Form; readonly fits: Fits }[] = [];
  return (inputs) => {
    for (const { form, fits } of known) {
      const leaves: NdArray[] = [];
      if (fits(inputs, leaves)) return { paths: form.paths, structure: form.structure, key: form.key, leaves };
    }
    const flat = flattenInputs(functionName, inputs);
    const { paths, structure, key } = flat; // without the arrays
    const latest = { form: { paths, structure, key }, fits: fitsOf(structure, shapesOf(flat.leaves)) };
    known = [latest, ...known].slice(0, mostForms);
    return flat;
  };
}

function flattenInputs(functionName: string, inputs: unknown): CallInputs {
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
  return { ...flat, key: keyOf(flat.structure, shapesOf(flat.leaves)) };
}

/** Copies, which nobody writes to. */
function shapesOf(leaves: readonly NdArray[]): readonly Shape[] {
  return leaves.map(({ shape }) => [...shape]);
}

/** The body sees keys, their order and undefined values: calls that differ in them want graphs of their own. */
function keyOf(part: Tree<Slot>, shapes: readonly Shape[]): string {
  if (part === undefined) return '-';
  if (part instanceof Slot) return `(${shapes[part.index]})`;
  if (Array.isArray(part)) return `[${part.map((child: Tree<Slot>) => keyOf(child, shapes))}]`;
  const entries = Object.entries(part) as [string, Tree<Slot>][];
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${keyOf(child, shapes)}`)}}`;
}

/** Whether a part of the inputs is like that of a form; its arrays are added to the list. */
type Fits = (node: unknown, leaves: NdArray[]) => boolean;

/** Tells apart what keys tell apart, and does not make one. */
function fitsOf(part: Tree<Slot>, shapes: readonly Shape[]): Fits {
  if (part === undefined) return (node) => node === undefined;
  if (part instanceof Slot) {
    const shape = shapes[part.index];
    const size = sizeOf(shape);
    return (node, leaves) =>
      isNdArray(node) && sameShape(node.shape, shape) && node.data.length === size && leaves.push(node) > 0;
  }
  if (Array.isArray(part)) {
    const children = part.map((child: Tree<Slot>) => fitsOf(child, shapes));
    return (node, leaves) =>
      Array.isArray(node) && node.length === children.length && children.every((fits, i) => fits(node[i], leaves));
  }
  return recordFits(
    Object.keys(part),
    Object.values(part).map((child) => fitsOf(child as Tree<Slot>, shapes)),
  );
}

function recordFits(keys: readonly string[], children: readonly Fits[]): Fits {
  return (node, leaves) => {
    if (!isRecord(node) || isNdArray(node)) return false;
    let count = 0;
    for (const key in node) {
      if (key !== keys[count] || !children[count](node[key], leaves)) return false;
      count += 1;
    }
    return count === keys.length;
  };
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
  const record: Record<string, unknown> = { ...structure };
  for (const key in record) record[key] = unflatten(record[key] as Tree<Slot>, leaves);
  return record;
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
    if (Array.isArray(node)) return Array.from(node, (child, index) => visit(child, below(index))); // gaps are undefined
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

/** For messages. */
export function kindOf(value: unknown): string {
  if (value instanceof tf.Tensor) return 'a tensor';
  if (isNdArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : String(value);
}
