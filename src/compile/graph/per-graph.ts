import type { Graph } from './graph.ts';

/** What is remembered of each graph, as long as that lives. */
export function perGraph<T>(make: () => T): (graph: Graph) => T {
  const known = new WeakMap<Graph, T>();
  return (graph) => {
    const own = known.get(graph) ?? make();
    known.set(graph, own);
    return own;
  };
}
