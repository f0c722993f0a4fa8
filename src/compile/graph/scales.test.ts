import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Shape } from '../../contracts/array.ts';
import { operatorsOf } from '../testing/operators.ts';
import { numbers } from '../testing/parity.ts';
import { type Tensor, type Tensor2D, tf } from '../tf.ts';
import { encodeModel } from './encode.ts';
import { Graph } from './graph.ts';
import { type GraphPart, partFor } from './part.ts';
import { withScalesInProducts } from './scales.ts';

const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');

const inputs: readonly { readonly name: string; readonly shape: Shape }[] = [
  { name: 'x', shape: [2, 4, 6] },
  { name: 'y', shape: [2, 6, 5] },
  { name: 'matrix', shape: [6, 5] },
];

/** The part of the graph that makes what `build` returns, as it is and as the pass makes it. */
function both(build: (graph: Graph) => readonly string[]) {
  const graph = new Graph();
  const results = build(graph);
  const part = partFor(
    graph,
    inputs.map(({ name }) => name),
    results,
  );
  return { results, part, changed: withScalesInProducts(part, results) };
}

const scalesIn = ({ nodes }: GraphPart) => nodes.filter(({ op }) => op === 'Mul').length;

async function computed(part: GraphPart, results: readonly string[]): Promise<number[][]> {
  const outputs = results.map((name) => ({ name, shape: undefined }));
  const { bytes, needed } = encodeModel(part, inputs, outputs);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const given = inputs.filter((_, index) => needed[index]);
  const feeds = given.map(({ name, shape }, seed) => {
    return [name, new ort.Tensor('float32', numbers(shape, { seed: seed + 1 }).data, shape)] as const;
  });
  const values = await session.run(Object.fromEntries(feeds));
  return results.map((name) => [...(values[name].data as Float32Array)]);
}

const scaled = (graph: Graph, name: string, by = 2) => graph.node('Mul', [graph.scalar(by), name]);
const product = (graph: Graph, a: string, b: string) => graph.node('MatMul', [a, b]);

const moves: Readonly<Record<string, (graph: Graph, name: string) => string>> = {
  nothing: (_, name) => name,
  Reshape: (graph, name) => graph.node('Reshape', [name, graph.ints([2, 4, 6])]),
  Transpose: (graph, name) => {
    const turned = graph.node('Transpose', [name], { perm: [0, 2, 1] });
    return graph.node('Transpose', [turned], { perm: [0, 2, 1] });
  },
  Gather: (graph, name) => graph.node('Gather', [name, graph.ints([3, 1, 0])], { axis: 1 }),
  Pad: (graph, name) => graph.node('Pad', [name, graph.ints([0, 1, 0, 0, 0, 0]), graph.scalar(0)]),
  Slice: (graph, name) => graph.node('Slice', [name, graph.ints([1]), graph.ints([3]), graph.ints([1])]),
};

describe('scales in products', () => {
  for (const [name, move] of Object.entries(moves)) {
    it(`go through ${name} into every product, and change no digit`, async () => {
      const { results, part, changed } = both((graph) => {
        const factor = move(graph, scaled(graph, 'x'));
        return [product(graph, factor, 'y'), product(graph, factor, 'matrix')];
      });
      expect([scalesIn(part), scalesIn(changed)]).to.deep.equal([1, 0]);
      expect(await computed(changed, results)).to.deep.equal(await computed(part, results));
    });
  }

  it('are one number where both factors are scaled, or one is multiplied by itself', async () => {
    const { results, part, changed } = both((graph) => {
      const [half, four] = [scaled(graph, 'matrix', 0.5), graph.node('Mul', ['x', graph.scalar(4)])];
      return [product(graph, four, half), graph.node('Gemm', [half, half], { transA: 1, transB: 0 })];
    });
    expect([scalesIn(part), scalesIn(changed)]).to.deep.equal([2, 0]);
    expect(changed.nodes.map(({ attributes }) => attributes['alpha'])).to.deep.equal([{ float: 2 }, { float: 0.25 }]);
    expect(await computed(changed, results)).to.deep.equal(await computed(part, results));
  });

  it('are looked for in every graph', () => {
    const body = (x: Tensor, y: Tensor) => tf.matMul(tf.mul(x, 2) as Tensor2D, y as Tensor2D);
    expect(operatorsOf(body, inputs.slice(0, 2))).to.deep.equal(['FusedMatMul']);
  });

  const kept: Readonly<Record<string, (graph: Graph) => readonly string[]>> = {
    'that are no powers of two': (graph) => [product(graph, scaled(graph, 'x', 3), 'y')],
    'that are several numbers': (graph) => [
      product(graph, graph.node('Mul', [graph.floats([2, 2, 2, 2, 2, 2]), 'x']), 'y'),
    ],
    'that are negative or 0': (graph) => [
      product(graph, scaled(graph, 'x', -2), 'y'),
      product(graph, scaled(graph, 'x', 0), 'y'),
    ],
    'so large that several would be infinite': (graph) => [product(graph, scaled(graph, 'x', 2 ** 64), 'y')],
    'so small that several would be 0': (graph) => [product(graph, scaled(graph, 'x', 2 ** -64), 'y')],
    'of values that are wanted themselves': (graph) => {
      const own = scaled(graph, 'x');
      return [own, product(graph, own, 'y')];
    },
    'of values that are added too': (graph) => {
      const own = scaled(graph, 'x');
      return [graph.node('Add', [own, 'x']), product(graph, own, 'y')];
    },
    'of values that are surrounded by other numbers than 0': (graph) => {
      const padded = graph.node('Pad', [scaled(graph, 'x'), graph.ints([0, 1, 0, 0, 0, 0]), graph.scalar(1)]);
      return [product(graph, padded, 'y')];
    },
    'of what is added to a product': (graph) => [
      graph.node('Gemm', ['matrix', 'matrix', scaled(graph, 'matrix')], { transA: 0, transB: 0 }),
    ],
  };
  for (const [name, build] of Object.entries(kept)) {
    it(`stay where they are, ${name}`, () => {
      const { part, changed } = both(build);
      expect(scalesIn(changed)).to.equal(scalesIn(part));
    });
  }
});
