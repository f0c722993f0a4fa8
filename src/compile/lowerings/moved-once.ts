/** Sums of what was moved alike: added before it is moved. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped, type Source, sourceOf } from '../graph/reshaped.ts';

/** Nodes that do the same to a sum as to its terms, and add nothing of their own. */
const moves = new Set(['Gather', 'ReduceSum', 'Transpose']);

/** Beyond so many times the result's numbers, adding what will be gathered costs more than gathering twice. */
const mostGrowth = 8;

/**
 * The sum or difference of two that were both made by the same nodes of something else: M(a) + M(b) = M(a + b). Two convolutions onto
 * one image are summed so as products of matrices, which the runtime adds while it multiplies.
 *
 * @param terms Names, and the shape in which both are stored.
 * @returns `undefined` where they were not moved alike.
 */
export function movedOnce(
  graph: Graph,
  op: 'Add' | 'Sub',
  { names, shape }: { names: readonly string[]; shape: Shape },
): string | undefined {
  const [first, second] = names.map((name) => sourceOf(graph, name) ?? { name, shape });
  const moved = movedBefore(graph, op, { first, second, most: mostGrowth * sizeOf(shape) });
  return moved === undefined ? undefined : reshaped(graph, moved, { from: first.shape, to: shape });
}

interface Terms {
  readonly first: Source;
  readonly second: Source;
  /** How many numbers may be added. */
  readonly most: number;
}

/** In the shape of the first. */
function movedBefore(graph: Graph, op: string, { first, second, most }: Terms): string | undefined {
  const [move, other] = [graph.producerOf(first.name), graph.producerOf(second.name)];
  if (!move || !other || move === other || !moves.has(move.op) || move.op !== other.op) return undefined;
  const [[from, ...how], [otherFrom, ...otherHow]] = [move.inputs, other.inputs];
  const isAlike =
    how.join() === otherHow.join() && JSON.stringify(move.attributes) === JSON.stringify(other.attributes);
  const [shape, otherShape] = [graph.shapes.get(from), graph.shapes.get(otherFrom)];
  if (!isAlike || !shape || !otherShape || !sameShape(shape, otherShape) || sizeOf(shape) > most) return undefined;
  const sum = combined(graph, op, { first: { name: from, shape }, second: { name: otherFrom, shape }, most });
  return graph.node(move.op, [sum, ...how], move.attributes);
}

/** Before all moves that both have in common. */
function combined(graph: Graph, op: string, { first, second, most }: Terms): string {
  const [a, b] = [first, second].map((term) => sourceOf(graph, term.name) ?? term);
  const moved = movedBefore(graph, op, { first: a, second: b, most });
  if (moved !== undefined) return reshaped(graph, moved, { from: a.shape, to: first.shape });
  const shape = isProduct(graph, b) ? b.shape : a.shape;
  const names = [a, b].map((term) => reshaped(graph, term.name, { from: term.shape, to: shape }));
  return reshaped(graph, graph.node(fusing(graph, op, names), names), { from: shape, to: first.shape });
}

function isProduct(graph: Graph, { name }: Source): boolean {
  return ['Gemm', 'MatMul'].includes(graph.producerOf(name)?.op ?? '');
}

/** The runtime adds while it multiplies: to a `MatMul` what an `Add` adds, to a `Gemm` what a `Sum` does. */
export function fusing(graph: Graph, op: string, names: readonly string[]): string {
  return op === 'Add' && names.some((name) => graph.producerOf(name)?.op === 'Gemm') ? 'Sum' : op;
}
