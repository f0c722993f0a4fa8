/** Splits a graph in two: what depends on nothing but inputs that stay from call to call, computed once for them, and the rest. */

import type { Port } from './encode.ts';
import type { Graph, GraphNode } from './graph.ts';
import { sourceOf } from './reshaped.ts';

/**
 * Which results of nodes are handed from one part to the other: those that depend on nothing else than inputs that stay (and known
 * numbers), as late as possible. Inputs that are only reshaped stay in the rest, where that costs nothing, as do values whose stored
 * shape is not known (see `Graph.shapes`), and nodes of several results, of which the rest may want another.
 *
 * @param stays Names of the inputs that stay. @param results Names of the graph's outputs.
 */
export function handedOver(graph: Graph, stays: readonly string[], results: readonly string[]): readonly Port[] {
  if (stays.length === 0) return [];
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const staying = dependents(graph, stays);
  const handed = new Map<string, Port>();
  const isHanded = (name: string) => {
    const source = sourceOf(graph, name)?.name ?? name;
    const isAlone = producers.get(name)?.outputs.length === 1;
    return staying.has(name) && graph.shapes.has(name) && isAlone && !results.includes(name) && producers.has(source);
  };
  const seen = new Set<string>();
  const visit = (node: GraphNode | undefined) => {
    for (const input of node?.inputs ?? []) {
      if (seen.has(input)) continue;
      seen.add(input);
      if (isHanded(input)) handed.set(input, { name: input, shape: graph.shapes.get(input) });
      else visit(producers.get(input));
    }
  };
  for (const result of results) visit(producers.get(result));
  return [...handed.values()];
}

/** Of these inputs alone. */
function dependents(graph: Graph, inputs: readonly string[]): Set<string> {
  const known = new Set(graph.initializers.map(({ name }) => name));
  const staying = new Set(inputs);
  for (const node of graph.nodes) {
    const given = node.inputs.filter((name) => name !== '' && !known.has(name));
    if (given.some((name) => !staying.has(name))) continue;
    for (const output of node.outputs) (given.length > 0 ? staying : known).add(output);
  }
  return staying;
}
