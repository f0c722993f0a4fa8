/** Kernels that are orthonormalized in the graph: Newton–Schulz, derivatives, sensitivity, gradients of single examples. */

import { expect } from 'chai';
import { ndarray, sizeOf } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import { clippedGradientSum, perExampleGradients } from '../autodiff/index.ts';
import { checkDerivatives, randomArray } from '../autodiff/testing/central-differences.ts';
import { compile } from '../compile/compile.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../contracts/array.ts';
import type { Layer, LayerTensors, NormPair, Weights } from '../contracts/model.ts';
import { batchNorm, conv2d, dense } from './layers/index.ts';
import { newtonSchulz, orthonormalized } from './orthonormal.ts';
import { pairRatios } from './testing/pair-ratios.ts';

const l2: NormPair = { from: 'l2', to: 'l2' };
const l1: NormPair = { from: 'l1', to: 'l1' };
const idle = { state: {}, noise: undefined, training: true };

describe('Newton–Schulz', () => {
  /** Kernels of several shapes as matrices, several of each shape. */
  const tallAndWide = [
    [25, 6],
    [18, 3],
    [9, 1],
    [100, 10],
    [3, 8],
    [1, 5],
    [6, 30],
    [12, 64],
  ] as const;

  for (const [rows, columns] of tallAndWide) {
    it(`takes all singular values of ${rows}×${columns} to 1 and keeps the singular vectors`, async () => {
      const count = 4;
      const matrices = ndarray([count, rows, columns], seededRng(rows).normal(count * rows * columns));
      const results = await compile('newton-schulz', (a: Tensor) => newtonSchulz(a))(matrices);
      for (let k = 0; k < count; k += 1) {
        const of = ({ data }: NdArray) => [...data.subarray(k * rows * columns, (k + 1) * rows * columns)];
        const [a, w] = [of(matrices), of(results)];
        const wide = rows < columns;
        for (const [i, value] of gram(w, w, { rows, columns, wide }).entries()) {
          const size = Math.min(rows, columns);
          expect(value).to.be.closeTo(i % (size + 1) === 0 ? 1 : 0, 5e-3); // WᵀW = I, or WWᵀ
        }
        // W is A's polar factor, A = W P with P symmetric (from the other side where A is wide), and no other orthonormal matrix.
        const p = gram(w, a, { rows, columns, wide });
        const size = Math.min(rows, columns);
        const scale = Math.hypot(...a);
        p.forEach((value, i) => {
          expect(value / scale).to.be.closeTo((p[(i % size) * size + Math.floor(i / size)] as number) / scale, 2e-3);
        });
      }
    });
  }

  it('of a singular value does what it says: 1.5 s − 0.5 s³ at each step', async () => {
    const diagonal = ndarray([1, 2, 2], [3, 0, 0, 4]);
    for (const steps of [0, 1, 2, 8, 20]) {
      let [s, t] = [0.6, 0.8];
      for (let k = 0; k < steps; k += 1) [s, t] = [1.5 * s - 0.5 * s ** 3, 1.5 * t - 0.5 * t ** 3];
      const { data } = await compile(`after ${steps}`, (a: Tensor) => newtonSchulz(a, steps))(diagonal);
      expect(data[0], `${steps}`).to.be.closeTo(s, 1e-6);
      expect(data[3], `${steps}`).to.be.closeTo(t, 1e-6);
    }
  });

  it('is a number, and so is its gradient, where the kernel is 0 or a single value is not', async () => {
    const run = compile('at zero', (kernel: Tensor) => {
      const layer = orthonormalized({ layer: conv2d({ filters: 2, kernel: 3 }), inputShape: [5, 5, 1], pair: l2 });
      const params = { kernel, bias: tf.zeros([2]) };
      return layer.apply(params, tf.ones([1, 5, 5, 1]), idle).output;
    });
    const zero = new Float32Array(18);
    expect([...(await run(ndarray([3, 3, 1, 2], zero))).data].every((value) => value === 0)).to.equal(true);
    const one = await run(
      ndarray(
        [3, 3, 1, 2],
        Float32Array.from(zero, (_, i) => (i === 8 ? 1e-3 : 0)),
      ),
    );
    expect(one.data[0]).to.be.within(0.93, 1); // the middle tap alone: the identity, but for the slack of the bound
  });
});

/** AᵀB, or ABᵀ where they are wide, row by row: the smaller one. */
function gram(a: number[], b: number[], { rows, columns, wide }: { rows: number; columns: number; wide: boolean }) {
  const size = wide ? rows : columns;
  const at = (m: number[], along: number, own: number) =>
    (wide ? m[own * columns + along] : m[along * columns + own]) as number;
  return Array.from({ length: size * size }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < (wide ? columns : rows); k += 1) {
      sum += at(a, k, Math.floor(i / size)) * at(b, k, i % size);
    }
    return sum;
  });
}

interface Case {
  readonly layer: Layer;
  readonly inputShape: Shape;
}

const image: Shape = [6, 5, 2];
const linear: readonly Case[] = [
  { layer: conv2d({ filters: 3, kernel: 3 }), inputShape: image },
  { layer: conv2d({ filters: 9, kernel: 2, stride: 2, padding: 'valid' }), inputShape: image }, // wide: 8 × 9
  { layer: dense({ units: 4 }), inputShape: [9] },
  { layer: dense({ units: 12 }), inputShape: [5] },
];
const pairs: readonly NormPair[] = [l2, l1, { from: 'l1', to: 'l2' }, { from: 'linf', to: 'l2' }];
const batch = 3;

const engines: readonly EngineName[] = ['cpu', 'onnx'];
for (const engine of engines) {
  describe(`an orthonormalized layer on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const { layer, inputShape } of linear) {
      it(`${layer.label}: has the derivatives that central differences have, to the second order`, async () => {
        const own = orthonormalized({ layer, inputShape, pair: l2 });
        const { params } = own.init(seededRng(4), inputShape);
        const x = randomArray([batch, ...inputShape], 3);
        const { first, second } = await checkDerivatives(
          own.label,
          ({ x: input, ...given }) => curved(own.apply(given, input as Tensor, idle).output),
          { x, ...params },
          1e-2,
        );
        for (const { gradient, difference } of [first, second]) {
          expect(gradient).to.be.closeTo(difference, 1e-3 * Math.max(1, Math.abs(difference)));
        }
      });

      for (const pair of pairs) {
        it(`${layer.label}, ${pair.from} to ${pair.to}: DP-SGD clips by the norms of the gradients, taken one by one`, async () => {
          const own = orthonormalized({ layer, inputShape, pair });
          const { sum, norms, oracle } = await clipped(own, inputShape, 0.05);
          const each = oracle.map((gradient) => arraysOf(gradient).flatMap(({ data }) => [...data]));
          const lengths = each.map((gradient) => Math.hypot(...gradient));
          for (const [i, norm] of norms.data.entries()) expect(norm / (lengths[i] as number)).to.be.closeTo(1, 1e-4);
          const expected = each.reduce<number[]>((total, gradient, i) => {
            const factor = Math.min(1, 0.05 / (lengths[i] as number));
            return gradient.map((value, j) => (total[j] ?? 0) + factor * value);
          }, []);
          const found = arraysOf(sum).flatMap(({ data }) => [...data]);
          expect(lengths.some((length) => length > 0.05)).to.equal(true); // or nothing is clipped
          for (const [j, value] of found.entries()) expect(value).to.be.closeTo(expected[j] as number, 1e-5);
        });
      }
    }
  });
}

const curved = (y: Tensor): Tensor => tf.sum(tf.mul(tf.square(y), tf.reshape(tf.linspace(0.5, 0.9, y.size), y.shape)));

interface Run {
  readonly x: NdArray;
  readonly weights: Weights;
}

async function clipped(layer: Layer, inputShape: Shape, clipNorm: number) {
  const { params, state } = layer.init(seededRng(4), inputShape);
  const f = compile(`clipped ${layer.label}`, ({ x, weights }: Tensors<Run>) => {
    const { output } = layer.apply(weights.params[0] as LayerTensors, x, idle);
    const given = { layers: [layer], weights, x, outputGradient: tf.sin(tf.mul(output, 3)) };
    const { gradient: sum, norms } = clippedGradientSum({ ...given, clipNorm, mask: tf.ones([batch]) });
    return { sum, norms, oracle: perExampleGradients(given) };
  });
  return f({ x: randomArray([batch, ...inputShape], 3), weights: { params: [params], state: [state] } });
}

describe('an orthonormalized layer', () => {
  for (const { layer, inputShape } of linear) {
    for (const norm of ['l1', 'l2'] as const) {
      it(`${layer.label}: moves its output by at most 1 in ${norm}, and by nearly that for the worst pair`, async () => {
        const own = orthonormalized({ layer, inputShape, pair: { from: norm, to: norm } });
        for (const seed of [1, 2, 3]) {
          const rng = seededRng(seed);
          const kernel = own.init(rng, inputShape).params['kernel'] as NdArray;
          const bias = own.init(rng, inputShape).params['bias'] as NdArray;
          const given = { kernel: ndarray(kernel.shape, rng.fork('k').normal(kernel.data.length)), bias };
          const points = ndarray([200, ...inputShape], rng.fork('x').normal(200 * sizeOf(inputShape)));
          const { random, adversarial } = await pairRatios({
            map: (x, params: LayerTensors) => own.apply(params, x, idle).output,
            ...{ given, points, norm, distance: 0.3, rng: rng.fork('pairs') },
          });
          expect(random).to.be.at.most(1 + 1e-5);
          expect(adversarial).to.be.within(0.8, 1 + 1e-5);
        }
      });
    }
  }

  it('says of itself no more than a normalized one, and refuses layers without a sensitivity', () => {
    const own = orthonormalized({ layer: conv2d({ filters: 2, kernel: 3 }), inputShape: [5, 5, 1], pair: l2 });
    expect(own.label).to.equal('conv2d 3×3×2 same, kernel ÷ Δ (l2), orthonormalized before');
    expect(own).to.not.have.any.keys('sensitivity', 'sensitivityBetween', 'squaredGradientNorms');
    expect(own.linear).to.equal(false);
    const refused = () => orthonormalized({ layer: batchNorm(), inputShape: [4], pair: l2 });
    expect(refused).to.throw(RangeError, /layer "batch-norm" has no known sensitivity/);
  });
});
