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
  readonly shapes: readonly Shape[];
  /** The same for the same paths and shapes. */
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
  let forms: readonly Form[] = [];
  return (inputs) => {
    for (const form of forms) {
      const leaves = leavesOfForm(form, inputs);
      if (leaves) return { ...form, leaves };
    }
    const flat = flattenInputs(functionName, inputs);
    const { paths, structure, shapes, key } = flat; // without the arrays
    forms = [{ paths, structure, shapes, key }, ...forms].slice(0, mostForms);
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
  const shapes = flat.leaves.map(({ shape }) => [...shape]);
  return { ...flat, shapes, key: shapes.map((shape, index) => `${flat.paths[index]}:${shape.join('x')}`).join('|') };
}

/** The arrays in the places of the form's; `undefined` where the inputs are of another form, or not right. */
function leavesOfForm({ structure, shapes }: Form, inputs: unknown): NdArray[] | undefined {
  const leaves: NdArray[] = [];
  const fits = (part: Tree<Slot>, node: unknown): boolean => {
    if (part === undefined) return node === undefined;
    if (part instanceof Slot) {
      if (!isNdArray(node) || !sameShape(node.shape, shapes[part.index]) || sizeOf(node.shape) !== node.data.length) {
        return false;
      }
      leaves.push(node);
      return true;
    }
    if (Array.isArray(part)) {
      return Array.isArray(node) && node.length === part.length && part.every((child, i) => fits(child, node[i]));
    }
    if (!isRecord(node) || isNdArray(node) || countOf(node) !== countOf(part)) return false;
    for (const key in part) {
      const child = node[key];
      // A key that is not there is none whose value is undefined: another key would take its place unseen.
      if (child === undefined && !Object.hasOwn(node, key)) return false;
      if (!fits((part as Record<string, Tree<Slot>>)[key], child)) return false;
    }
    return true;
  };
  return fits(structure, inputs) ? leaves : undefined;
}

function countOf(record: object): number {
  let count = 0;
  for (const _ in record) count += 1;
  return count;
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
