/** What of a graph is wanted. */

import type { Graph, GraphNode, Initializer } from './graph.ts';

export interface GraphPart {
  /** In an order in which they can be computed. */
  readonly nodes: readonly GraphNode[];
  /** Some may be unused. */
  readonly initializers: readonly Initializer[];
}

/** @param inputs A node whose results are among them is left out. */
export function partFor(graph: Graph, inputs: readonly string[], outputs: readonly string[]): GraphPart {
  const given = new Set(inputs);
  const names = new Set(outputs);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => names.has(output) && !given.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) names.add(input);
  }
  return { nodes: nodes.reverse(), initializers: graph.initializers };
}
