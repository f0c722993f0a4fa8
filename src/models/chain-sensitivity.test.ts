/** Layers one after the other between norms: against the exact norms of the matrix that they are together. */

import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import { compile } from '../compile/compile.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../contracts/array.ts';
import type { Layer, LayerTensors, Norm, NormPair, Weights } from '../contracts/model.ts';
import { chainSensitivity, linkSensitivity, linksOf, widening } from './chain-sensitivity.ts';
import {
  avgPool,
  batchNorm,
  conv2d,
  dense,
  dropout,
  elu,
  flatten,
  leakyRelu,
  maxPool,
  relu,
  silu,
  upsample,
} from './layers/index.ts';
import { applyLayers, initWeights } from './network.ts';

const norms: readonly Norm[] = ['l1', 'l2', 'linf'];
const pairs: readonly NormPair[] = norms.flatMap((from) => norms.map((to) => ({ from, to })));
const named = ({ from, to }: NormPair) => `${from} to ${to}`;
const size = (values: ArrayLike<number>, norm: Norm): number => {
  const sizes = Array.from(values, Math.abs);
  if (norm === 'linf') return Math.max(...sizes);
  return norm === 'l1' ? sizes.reduce((sum, value) => sum + value, 0) : Math.hypot(...sizes);
};

interface Chain {
  readonly layers: readonly Layer[];
  readonly inputShape: Shape;
  readonly weights: Weights;
}

function chainOf(layers: readonly Layer[], inputShape: Shape, seed = 1): Chain {
  return { layers, inputShape, weights: initWeights({ layers, inputShape }, seededRng(seed)) };
}

function withKernels(chain: Chain, kernels: readonly (readonly number[])[]): Chain {
  const params = chain.weights.params.map((own, index) => {
    const { kernel, ...others } = own;
    return kernel ? { ...others, kernel: ndarray(kernel.shape, kernels[index] ?? []) } : own;
  });
  return { ...chain, weights: { ...chain.weights, params } };
}

const asTensor = (bound: Tensor | number) => (typeof bound === 'number' ? tf.scalar(bound) : bound);

async function bounds({ layers, inputShape, weights }: Chain): Promise<Record<string, number>> {
  const run = compile('bounds', ({ params }: Tensors<Weights>) =>
    Object.fromEntries(
      pairs.map((pair) => [named(pair), asTensor(chainSensitivity(layers, pair, { inputShape, params }))]),
    ),
  );
  const found = await run(weights);
  return Object.fromEntries(Object.entries(found).map(([pair, { data }]) => [pair, data[0] as number]));
}

/** The bound of every place where the norm may change. */
async function boundsByPlace({ layers, inputShape, weights }: Chain, pair: NormPair): Promise<number[]> {
  const run = compile('bounds by place', ({ params }: Tensors<Weights>) =>
    layers.map((_, change) =>
      linksOf(layers, pair, { inputShape, change })
        .map((link, index) => asTensor(linkSensitivity(link, params[index] as LayerTensors)))
        .reduce((product, bound) => tf.mul(product, bound)),
    ),
  );
  return (await run(weights)).map(({ data }) => data[0] as number);
}

async function outputsOf({ layers, inputShape, weights }: Chain, inputs: Float32Array): Promise<Float32Array[]> {
  const width = inputShape.reduce((product, dimension) => product * dimension, 1);
  const x = ndarray([inputs.length / width, ...inputShape], inputs);
  const run = compile(
    'outputs',
    (given: { weights: Tensors<Weights>; x: Tensor }) =>
      applyLayers(layers, given.weights, given.x, { training: false }).output,
  );
  const { data, shape } = await run({ weights, x });
  const columns = data.length / (shape[0] as number);
  return Array.from({ length: shape[0] as number }, (_, row) => data.slice(row * columns, (row + 1) * columns));
}

/** Rows of y = x · A for layers that are linear but for their biases, which are 0. */
async function matrixOf(chain: Chain): Promise<Float32Array[]> {
  const width = chain.inputShape.reduce((product, dimension) => product * dimension, 1);
  return outputsOf(
    chain,
    Float32Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0)),
  );
}

/** Δ itself: single entries from L1, every corner from L∞, power iteration from L2 to L2 and corners of the output else. */
function exactNorm(matrix: readonly Float32Array[], { from, to }: NormPair): number {
  const turned = (matrix[0] as Float32Array).length;
  const transposed = Array.from({ length: turned }, (_, j) => Float32Array.from(matrix, (row) => row[j] as number));
  if (from === 'l1') return Math.max(...matrix.map((row) => size(row, to)));
  if (from === 'linf') return Math.max(...corners(matrix.length).map((signs) => size(combined(matrix, signs), to)));
  if (to === 'linf') return Math.max(...transposed.map((column) => size(column, 'l2')));
  if (to === 'l1') return exactNorm(transposed, { from: 'linf', to: 'l2' });
  let x: readonly number[] = Array.from(matrix, (_, i) => 1 + Math.sin(i));
  for (let step = 0; step < 500; step += 1) {
    const back = combined(transposed, combined(matrix, x));
    x = back.map((value) => value / size(back, 'l2'));
  }
  return size(combined(matrix, x), 'l2');
}

function corners(length: number): number[][] {
  return Array.from({ length: 2 ** length }, (_, index) =>
    Array.from({ length }, (_value, i) => (index & (1 << i) ? 1 : -1)),
  );
}

function combined(rows: readonly Float32Array[], weights: readonly number[]): number[] {
  const columns = (rows[0] as Float32Array).length;
  return Array.from({ length: columns }, (_, j) =>
    rows.reduce((sum, row, i) => sum + (row[j] as number) * (weights[i] as number), 0),
  );
}

describe('the sensitivity of layers one after the other', () => {
  const linear: readonly (Chain & { readonly title: string })[] = [
    { title: 'two dense layers', ...chainOf([dense({ units: 6 }), dense({ units: 4 })], [5]) },
    { title: 'three dense layers', ...chainOf([dense({ units: 3 }), dense({ units: 7 }), dense({ units: 2 })], [6]) },
    {
      title: 'two convolutions',
      ...chainOf([conv2d({ filters: 2, kernel: 2 }), conv2d({ filters: 3, kernel: 2, stride: 2 })], [3, 3, 1]),
    },
    {
      title: 'a convolution, means and a dense layer',
      ...chainOf([conv2d({ filters: 2, kernel: 3 }), avgPool(), flatten(), dense({ units: 3 })], [3, 3, 1]),
    },
  ];

  for (const chain of linear) {
    it(`is never below what the matrix of ${chain.title} attains, in any pair`, async () => {
      const found = await bounds(chain);
      const matrix = await matrixOf(chain);
      for (const pair of pairs) {
        const attained = exactNorm(matrix, pair);
        const bound = found[named(pair)] as number;
        expect(bound, named(pair)).to.be.at.least(attained * (1 - 1e-6));
        expect(bound, named(pair)).to.be.at.most(attained * 12); // or it says nothing: products of three bounds are up to 8 off
      }
    });

    it(`of ${chain.title} is the least over the places of the change of norm`, async () => {
      const found = await bounds(chain);
      for (const pair of pairs) {
        const places = await boundsByPlace(chain, pair);
        expect(found[named(pair)], named(pair)).to.be.closeTo(Math.min(...places), 1e-5 * Math.min(...places));
      }
    });
  }

  it('changes the norm where it is least: before what spreads is measured in L2, or behind what gathers', async () => {
    const [identity, ones] = [
      [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
      [1, 1, 1, 1],
    ];
    const spread = withKernels(chainOf([dense({ units: 4 }), dense({ units: 4 })], [1]), [ones, identity]);
    const gathered = withKernels(chainOf([dense({ units: 4 }), dense({ units: 1 })], [4]), [identity, ones]);
    expect((await bounds(spread))['l1 to l2']).to.be.within(2, 2.05); // √4 · 1, not 4 · 1
    expect((await bounds(gathered))['l1 to l2']).to.be.within(1, 1.001); // 1 · 1, not 1 · √4
  });

  it('of one layer is its own, attained: 12 % above only where singular values are bounded', async () => {
    const chain = chainOf([dense({ units: 4 })], [6]);
    const found = await bounds(chain);
    const matrix = await matrixOf(chain);
    for (const pair of pairs) {
      const attained = exactNorm(matrix, pair);
      const slack = named(pair) === 'l2 to l2' ? 1.12 : 1 + 1e-5;
      expect(found[named(pair)], named(pair)).to.be.within(attained * (1 - 1e-6), attained * slack);
    }
  });

  it('of layers without parameters is a number; a change of norm costs √n or n only towards the larger norm', () => {
    const of = (from: Norm, to: Norm) =>
      chainSensitivity(
        [relu(), maxPool({ size: 3, stride: 2 }), flatten()],
        { from, to },
        { inputShape: [5, 5, 2], params: [] },
      );
    // A pixel lies in up to four windows: 4 in L1, 2 in L2. Eight values come out of fifty.
    expect(of('l1', 'l1')).to.equal(4);
    expect(of('l1', 'l2')).to.equal(2);
    expect(of('l2', 'l1')).to.be.closeTo(2 * Math.sqrt(8), 1e-12);
    expect(of('linf', 'l2')).to.be.closeTo(Math.sqrt(8), 1e-12);
    expect(of('linf', 'l1')).to.be.closeTo(8, 1e-12);
    expect(of('l1', 'linf')).to.equal(1);
    expect(of('linf', 'linf')).to.equal(1);
  });

  it('counts the values that enter for the norm of the input, and those that leave for the norm of the output', () => {
    const of = (layer: Layer, pair: NormPair, inputShape: Shape) =>
      chainSensitivity([layer], pair, { inputShape, params: [] });
    // Sixteen ones have four means of one; two of √2 ÷ 2 become eight of them.
    expect(of(avgPool(), { from: 'linf', to: 'l2' }, [4, 4, 1])).to.be.closeTo(2, 1e-12);
    expect(of(upsample(), { from: 'l2', to: 'l1' }, [2, 1, 1])).to.be.closeTo(4 * Math.SQRT2, 1e-12);
  });

  it('refuses a layer whose sensitivity nobody knows, by name', () => {
    expect(() => chainSensitivity([batchNorm()], { from: 'l1', to: 'l2' }, { inputShape: [2], params: [{}] })).to.throw(
      RangeError,
      /batch-norm/,
    );
  });
});

describe('what two norms differ at most', () => {
  for (const pair of pairs) {
    it(`${named(pair)}: attained by one entry or by equal ones, and by nothing exceeded`, () => {
      const n = 6;
      const rng = seededRng(2);
      const ratio = (x: ArrayLike<number>) => size(x, pair.to) / size(x, pair.from);
      const candidates = [[1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], ...Array.from({ length: 50 }, () => rng.normal(n))];
      expect(Math.max(...candidates.map(ratio))).to.be.closeTo(widening(pair.from, pair.to, n), 1e-6);
    });
  }
});

describe('sensitivity in L∞', () => {
  const image = [6, 6, 2] as const;
  const layers: readonly { readonly layer: Layer; readonly inputShape: Shape }[] = [
    { layer: conv2d({ filters: 3, kernel: 3 }), inputShape: image },
    { layer: conv2d({ filters: 3, kernel: 3, stride: 2, padding: 'valid' }), inputShape: image },
    { layer: dense({ units: 4 }), inputShape: [7] },
    ...[relu(), leakyRelu(), silu(), elu(), flatten(), upsample(), dropout({ rate: 0.3 })].map((layer) => ({
      layer,
      inputShape: image,
    })),
    { layer: maxPool(), inputShape: image },
    { layer: maxPool({ size: 3, stride: 1, padding: 'same' }), inputShape: image },
    { layer: avgPool({ size: 3, stride: 1 }), inputShape: image },
  ];
  for (const { layer, inputShape } of layers) {
    it(`holds for ${layer.label} where every value moves by as much, up or down`, async () => {
      const chain = chainOf([layer], inputShape);
      const rng = seededRng(4);
      const count = 200;
      const width = inputShape.reduce((product, dimension) => product * dimension, 1);
      const x = rng.normal(count * width);
      const isUniform = (i: number) => Math.floor(i / width) % 2 === 0; // half of the pairs: everything up
      const moved = x.map((value, i) => value + (isUniform(i) || rng.next() < 0.5 ? 0.1 : -0.1));
      const [a, b] = [await outputsOf(chain, x), await outputsOf(chain, moved)];
      const ratios = a.map(
        (row, i) =>
          size(
            row.map((value, j) => value - (b[i]?.[j] as number)),
            'linf',
          ) / 0.1,
      );
      const run = compile('bound', (given: { params: readonly LayerTensors[] }) =>
        asTensor(layer.sensitivity?.('linf', given.params[0] as LayerTensors) ?? Number.NaN),
      );
      const bound = (await run({ params: chain.weights.params as readonly Record<string, NdArray>[] }))
        .data[0] as number;
      expect(Math.max(...ratios)).to.be.at.most(bound * (1 + 1e-4));
      expect(Math.max(...ratios)).to.be.above(bound / 3);
    });
  }
});
