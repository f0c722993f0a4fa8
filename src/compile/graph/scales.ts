/** A pass over a finished graph: numbers that scale a factor of a product go into the product, which multiplies by them for nothing. */

import { type GraphNode, microsoft, products } from './graph.ts';
import type { GraphPart } from './part.ts';

/** Of the first input: M(s·x) = s·M(x), where what `Pad` adds is 0. */
const moves = new Set(['Gather', 'Pad', 'Reshape', 'Slice', 'Transpose']);

/**
 * M(s·x) y = s (M(x) y), for whatever moves M: where s is a power of two, so that no digit changes (short of overflow), and nothing but products wants s·x.
 * Deep leakage, whose loss is a sum of squares, takes .98 of the time.
 *
 * @param results Names of the part's outputs.
 */
export function withScalesInProducts(part: GraphPart, results: readonly string[]): GraphPart {
  const scalars = scalarsIn(part);
  const consumers = consumersIn(part, results);
  const unscaled = new Map<string, string>();
  const alphas = new Map<GraphNode, number>();
  for (const node of part.nodes) {
    const scaling = scalingBy(node, scalars);
    const wanting = scaling && productsOf(scaling.result, { consumers, scalars });
    if (!wanting) continue;
    unscaled.set(scaling.result, scaling.of);
    for (const product of wanting) alphas.set(product, scaling.by * (alphas.get(product) ?? 1));
  }
  const nodes = part.nodes
    .filter(({ outputs }) => !unscaled.has(outputs[0]))
    .map((node) => {
      const own = { ...node, inputs: node.inputs.map((name) => unscaled.get(name) ?? name) };
      const alpha = alphas.get(node);
      return alpha === undefined ? own : scaledProduct(own, alpha);
    });
  return { ...part, nodes };
}

/** Single float32 numbers that are known. */
function scalarsIn({ initializers }: GraphPart): ReadonlyMap<string, number> {
  const known = initializers.filter(({ type, shape }) => type === 'float32' && shape.length === 0);
  return new Map(
    known.map(({ name, bytes: { buffer, byteOffset } }) => [name, new Float32Array(buffer, byteOffset)[0]]),
  );
}

/** A node of the graph, or its caller. */
interface Consumer {
  readonly node: GraphNode | undefined;
  /** Of the value among the node's inputs. */
  readonly place: number;
}

function consumersIn({ nodes }: GraphPart, results: readonly string[]): ReadonlyMap<string, readonly Consumer[]> {
  const consumers = new Map<string, Consumer[]>();
  const add = (name: string, consumer: Consumer) => {
    const list = consumers.get(name);
    if (list) list.push(consumer);
    else consumers.set(name, [consumer]);
  };
  for (const node of nodes) for (const [place, name] of node.inputs.entries()) add(name, { node, place });
  for (const name of results) add(name, { node: undefined, place: 0 });
  return consumers;
}

interface Scaling {
  readonly by: number;
  readonly of: string;
  readonly result: string;
}

function scalingBy(
  { op, inputs, outputs: [result] }: GraphNode,
  scalars: ReadonlyMap<string, number>,
): Scaling | undefined {
  if (op !== 'Mul') return undefined;
  for (const [scale, of] of [inputs, inputs.toReversed()]) {
    const by = scalars.get(scale);
    if (by !== undefined && isPowerOfTwo(by)) return { by, of, result };
  }
  return undefined;
}

/** Of so many twos that a few such factors together are no infinity. */
const mostTwos = 24;

function isPowerOfTwo(number: number): boolean {
  const twos = Math.log2(number); // not a number below 0
  return Number.isInteger(twos) && Math.abs(twos) <= mostTwos;
}

interface Known {
  readonly consumers: ReadonlyMap<string, readonly Consumer[]>;
  readonly scalars: ReadonlyMap<string, number>;
}

/** Each once for every factor; `undefined` where something else wants the value too. */
function productsOf(name: string, known: Known): GraphNode[] | undefined {
  const found: GraphNode[] = [];
  for (const { node, place } of known.consumers.get(name) ?? []) {
    const further = node && productsBehind(node, place, known);
    if (!further) return undefined;
    found.push(...further);
  }
  return found;
}

function productsBehind(node: GraphNode, place: number, known: Known): GraphNode[] | undefined {
  if (products.has(node.op)) return place < 2 ? [node] : undefined;
  const addsZeros = node.op !== 'Pad' || known.scalars.get(node.inputs[2]) === 0;
  return moves.has(node.op) && place === 0 && addsZeros ? productsOf(node.outputs[0], known) : undefined;
}

function scaledProduct(node: GraphNode, alpha: number): GraphNode {
  const attributes = { ...node.attributes, alpha: { float: alpha } };
  return node.op === 'MatMul' ? { ...node, op: 'FusedMatMul', domain: microsoft, attributes } : { ...node, attributes };
}
