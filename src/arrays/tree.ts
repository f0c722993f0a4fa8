/** Structures of leaves: lists and records, nested, with arrays (or tensors) at the ends. `undefined` holds no leaf. */

import type { NdArray, Tree } from '../contracts/array.ts';
import { ShapeError } from './errors.ts';
import { isNdArray, sameShape } from './ndarray.ts';

type Node = Tree<object>;
type IsLeaf = (node: object) => boolean;

/** All leaves, depth first, records in the order of their keys as written. */
export function leavesOf<Leaf extends object>(tree: Tree<Leaf>, isLeaf: (node: object) => node is Leaf): Leaf[] {
  const leaves: Leaf[] = [];
  mapLeaves(tree as Node, isLeaf, (leaf) => {
    leaves.push(leaf as Leaf);
    return leaf;
  });
  return leaves;
}

/** A tree of the same structure, each leaf replaced; `path` names it as in `params.0.kernel`. */
export function mapLeaves(tree: Node, isLeaf: IsLeaf, map: (leaf: object, path: string) => object, path = ''): Node {
  if (tree === undefined) return undefined;
  if (isLeaf(tree)) return map(tree, path);
  const below = (key: string | number) => (path === '' ? `${key}` : `${path}.${key}`);
  if (Array.isArray(tree)) return tree.map((child: Node, index) => mapLeaves(child, isLeaf, map, below(index)));
  return Object.fromEntries(
    Object.entries(tree as Record<string, Node>).map(([key, child]) => [
      key,
      mapLeaves(child, isLeaf, map, below(key)),
    ]),
  );
}

/** `map` over every array of a tree. */
export function mapArrays<T>(tree: T, map: (array: NdArray, path: string) => NdArray): T {
  return mapLeaves(tree as Node, isNdArray, map as (leaf: object, path: string) => object) as T;
}

/** All arrays of a tree, depth first. */
export function arraysOf(tree: unknown): NdArray[] {
  return leavesOf(tree as Tree<NdArray>, isNdArray);
}

/** `combine` over the corresponding arrays of trees of one structure. Throws a ShapeError where they differ. */
export function zipArrays<T>(trees: readonly T[], combine: (arrays: readonly NdArray[]) => NdArray): T {
  const [first] = trees;
  const others = trees.map((tree) => arraysOf(tree));
  let index = 0;
  return mapArrays(first as T, (array, path) => {
    const arrays = others.map((list) => list[index]).filter((other): other is NdArray => other !== undefined);
    if (arrays.length < trees.length || arrays.some((other) => !sameShape(other.shape, array.shape))) {
      const shapes = arrays.map((other) => `[${other.shape}]`).join(' and ');
      throw new ShapeError(`trees must have one structure, but at "${path}" the shapes are ${shapes}.`);
    }
    index += 1;
    return combine(arrays);
  });
}

/** Number of values in all arrays of a tree. */
export function valueCount(tree: unknown): number {
  return arraysOf(tree).reduce((count, array) => count + array.data.length, 0);
}
