/** Nodes that give the same numbers another shape. */

import { sameShape } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Graph } from './graph.ts';
import { perGraph } from './per-graph.ts';

/** What is reshaped twice is reshaped once; back to what it was, not at all. */
export function reshaped(graph: Graph, name: string, { from, to }: { from: Shape; to: Shape }): string {
  if (sameShape(from, to)) return name;
  const source = sourcesOf(graph).get(name) ?? { name, shape: from };
  if (sameShape(source.shape, to)) return source.name;
  const result = graph.node('Reshape', [source.name, graph.ints(to)], { allowzero: 1 });
  sourcesOf(graph).set(result, source);
  return result;
}

export interface Source {
  readonly name: string;
  readonly shape: Shape;
}

/** What `name` was before it was reshaped. */
export function sourceOf(graph: Graph, name: string): Source | undefined {
  return sourcesOf(graph).get(name);
}

/** Of what is reshaped: what it was before. */
const sourcesOf = perGraph(() => new Map<string, Source>());
