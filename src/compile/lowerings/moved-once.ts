/** Sums of products of matrices that were moved alike: added before they are moved. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import { type Graph, products } from '../graph/graph.ts';
import { perGraph } from '../graph/per-graph.ts';
import { reshaped, type Source, sourceOf } from '../graph/reshaped.ts';

/** Nodes that do the same to a sum as to its terms, and add nothing of their own. */
const moves = new Set(['Gather', 'ReduceSum', 'Transpose']);

/** Beyond so many times the result's numbers, adding what will be gathered costs more than gathering twice. */
const mostGrowth = 8;

/**
 * The sum or difference of two that the same nodes made of products: M(a) + M(b) = M(a + b). Convolutions onto one image are summed
 * so, and the runtime adds while it multiplies.
 *
 * @param sum Its terms, as they are stored, and its shape.
 * @returns `undefined` where they were not moved alike.
 */
export function movedOnce(
  graph: Graph,
  op: 'Add' | 'Sub',
  { terms, shape }: { terms: readonly Source[]; shape: Shape },
): string | undefined {
  const [first, second] = terms.map((term) => sourceOf(graph, term.name) ?? term);
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
  return sum && named(graph, graph.node(move.op, [sum, ...how], move.attributes), first.shape);
}

/** Before all moves that both have in common. */
function combined(graph: Graph, op: string, { first, second, most }: Terms): string | undefined {
  const [a, b] = [first, second].map((term) => sourceOf(graph, term.name) ?? term);
  const moved = movedBefore(graph, op, { first: a, second: b, most });
  if (moved !== undefined) return as(graph, moved, { from: a.shape, to: first.shape });
  if (![a, b].every((term) => isOfProducts(graph, term.name))) return undefined;
  const shape = [a, b].find((term) => term.shape.length === 2)?.shape ?? a.shape; // a matrix stays one: only then the runtime adds
  const names = [a, b].map((term) => reshaped(graph, term.name, { from: term.shape, to: shape }));
  const sum = named(graph, graph.node(fusing(graph, op, names), names), shape);
  sumsOf(graph).add(sum);
  return as(graph, sum, { from: shape, to: first.shape });
}

function as(graph: Graph, name: string, { from, to }: { from: Shape; to: Shape }): string {
  return named(graph, reshaped(graph, name, { from, to }), to);
}

/** The sum of three is the sum of one and of a sum made here, whose shape has to be known then. */
function named(graph: Graph, name: string, shape: Shape): string {
  graph.shapes.set(name, shape);
  return name;
}

function isProduct(graph: Graph, name: string): boolean {
  return products.has(graph.producerOf(name)?.op ?? '');
}

function isOfProducts(graph: Graph, name: string): boolean {
  return isProduct(graph, name) || sumsOf(graph).has(name);
}

const sumsOf = perGraph(() => new Set<string>());

/** The runtime adds while it multiplies: to a `MatMul` what an `Add` adds, to a `Gemm` what a `Sum` does. */
export function fusing(graph: Graph, op: string, names: readonly string[]): string {
  return op === 'Add' && names.some((name) => graph.producerOf(name)?.op === 'Gemm') ? 'Sum' : op;
}
