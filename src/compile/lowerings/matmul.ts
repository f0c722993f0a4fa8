/** Matrix products. A matrix that lies transposed is multiplied as it lies. */

import type { Shape } from '../../contracts/array.ts';
import { type Graph, microsoft } from '../graph/graph.ts';
import { asItLies, computed, identity, inLayout, splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { broadcastShape } from './broadcasting.ts';
import type { Binary, Lowerings } from './lowering.ts';
import { transpose } from './reshape.ts';

interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Over the last two axes; the axes before them broadcast. */
export function product(graph: Graph, a: Value, b: Value, { transposeA, transposeB }: Transposes): Value {
  const rows = a.shape.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  const shape = [...broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]), rows, columns];
  const isEmpty = a.shape.at(transposeA ? -2 : -1) === 0;
  if (isEmpty) return splat(0, shape, a.dtype); // the runtime leaves what was in memory where it transposes matrices in a batch
  const left = matrix(graph, a, transposeA);
  const right = matrix(graph, b, transposeB);
  const extent = [...broadcastShape([left.batch, right.batch]), rows, columns]; // where neither has a whole batch, 1
  return computed(graph, multiplied(graph, left, right), { shape, dtype: a.dtype, extent });
}

/** aᵀb, where the runtime transposes the narrower of the two: it copies what it transposes. */
export function productOfColumns(graph: Graph, a: Value, b: Value): Value {
  const how = { transposeA: true, transposeB: false };
  if ((a.shape.at(-1) as number) <= (b.shape.at(-1) as number)) return product(graph, a, b, how);
  const rank = a.shape.length;
  return transpose(graph, product(graph, b, a, how), [...identity(rank - 2), rank - 1, rank - 2]);
}

interface Matrix {
  readonly name: string;
  readonly transposed: boolean;
  readonly value: Value;
  /** The axes before the last two, of size 1 where they repeat. */
  readonly batch: Shape;
}

function matrix(graph: Graph, value: Value, transposed: boolean): Matrix {
  const rank = value.shape.length;
  const swapped = [...identity(rank - 2), rank - 1, rank - 2];
  const source = asItLies(graph, value, [rank - 2, rank - 1]);
  const lies = (layout: readonly number[]) => source.layout.every((axis, position) => axis === layout[position]);
  const batchIsWhole = source.extent.every((size, axis) => size === source.shape[axis]);
  if (value.dtype === 'float32' && batchIsWhole && lies(swapped))
    return { name: source.name, transposed: !transposed, value, batch: source.extent.slice(0, -2) };
  if (lies(identity(rank))) return { name: source.name, transposed, value, batch: source.extent.slice(0, -2) };
  return { name: inLayout(graph, value, identity(rank)), transposed, value, batch: value.shape.slice(0, -2) };
}

function multiplied(graph: Graph, a: Matrix, b: Matrix): string {
  if (!a.transposed && !b.transposed) return graph.node('MatMul', [a.name, b.name]);
  if (a.value.dtype === 'float32') {
    if (a.value.shape.length === 2 && b.value.shape.length === 2) {
      return graph.node('Gemm', [a.name, b.name], { transA: a.transposed ? 1 : 0, transB: b.transposed ? 1 : 0 });
    }
    const how = { transA: a.transposed ? 1 : 0, transB: b.transposed ? 1 : 0 };
    return graph.node('FusedMatMul', [a.name, b.name], how, microsoft);
  }
  return graph.node('MatMul', [turned(graph, a), turned(graph, b)]);
}

function turned(graph: Graph, { name, transposed, value }: Matrix): string {
  const rank = value.shape.length;
  return transposed ? graph.node('Transpose', [name], { perm: [...identity(rank - 2), rank - 1, rank - 2] }) : name;
}

export const matmul = {
  BatchMatMul: (graph, { a, b }: Binary, attributes: Transposes) => product(graph, a, b, attributes),
} satisfies Lowerings;
