import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import { arraysOf } from '../../arrays/tree.ts';
import { clippedGradientSum, perExampleGradients } from '../../autodiff/index.ts';
import { randomArray } from '../../autodiff/testing/central-differences.ts';
import { compile } from '../../compile/compile.ts';
import { type EngineName, useEngine } from '../../compile/engine.ts';
import { tf } from '../../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../contracts/array.ts';
import type { Layer, Norm, Weights } from '../../contracts/model.ts';
import { applyLayers } from '../network.ts';
import { normalized } from '../normalized.ts';
import { batchNorm, conv2d, convTranspose2d, dense, flatten } from './index.ts';

/** Every kind of layer with parameters, over strides and paddings that leave rows over, overlap, or skip pixels. */
const cases: readonly { readonly layer: Layer; readonly inputShape: Shape }[] = [
  { layer: dense({ units: 5 }), inputShape: [7] },
  // A dense layer over positions is a convolution with a 1×1 kernel.
  { layer: conv2d({ filters: 4, kernel: 1 }), inputShape: [5, 3, 6] },
  ...[1, 2, 3].flatMap((stride) =>
    (['same', 'valid', 1, 2] as const).flatMap((padding) =>
      [2, 3, 5].map((kernel) => ({ layer: conv2d({ filters: 3, kernel, stride, padding }), inputShape: [8, 7, 2] })),
    ),
  ),
  ...[1, 2, 3].flatMap((stride) =>
    (['same', 'valid'] as const).flatMap((padding) =>
      [1, 2, 3, 4].map((kernel) => ({
        layer: convTranspose2d({ filters: 3, kernel, stride, padding }),
        inputShape: [4, 3, 2],
      })),
    ),
  ),
  ...(
    [
      { layer: dense({ units: 5 }), inputShape: [7], pairs: ['l2 l2', 'l1 l2', 'linf l2', 'l2 l1'] },
      { layer: dense({ units: 13 }), inputShape: [14], pairs: ['l2 l1', 'linf l1'] }, // too many for their signs
      {
        layer: conv2d({ filters: 3, kernel: 3, stride: 2 }),
        inputShape: [8, 7, 2],
        pairs: ['l1 l1', 'l1 l2', 'linf l2', 'l2 l1', 'linf l1'],
      },
    ] as const
  ).flatMap(({ layer, inputShape, pairs }) =>
    pairs.map((pair) => {
      const [from, to] = pair.split(' ') as [Norm, Norm];
      return { layer: normalized({ layer, inputShape, pair: { from, to } }), inputShape };
    }),
  ),
];

const batch = 3;

interface Run {
  readonly x: NdArray;
  readonly weights: Weights;
}

async function normsBothWays(layer: Layer, inputShape: Shape) {
  const { params, state } = layer.init(seededRng(4), inputShape);
  const weights = { params: [params], state: [state] };
  const f = compile(`ghost norms of ${layer.label}`, (inputs: Tensors<Run>) => {
    const { output } = applyLayers([layer], inputs.weights, inputs.x, { training: true });
    const given = { layers: [layer], ...inputs, outputGradient: tf.sin(tf.mul(output, 3)) };
    const { norms } = clippedGradientSum({ ...given, clipNorm: 1, mask: tf.ones([batch]) });
    return { norms, oracle: perExampleGradients(given) };
  });
  const { norms, oracle } = await f({ x: randomArray([batch, ...inputShape], 3), weights });
  return {
    norms: [...norms.data],
    expected: oracle.map((own) => Math.hypot(...arraysOf(own).flatMap(({ data }) => [...data]))),
  };
}

const engines: readonly EngineName[] = ['cpu', 'onnx'];

for (const engine of engines) {
  describe(`ghost norms on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const { layer, inputShape } of cases) {
      it(`${layer.label} on [${inputShape}]: those of its gradients, taken one by one`, async () => {
        expect(layer.squaredGradientNorms, 'a closed form').to.be.a('function');
        const { norms, expected } = await normsBothWays(layer, inputShape);
        expect(norms).to.have.length(batch);
        for (const [index, norm] of norms.entries()) {
          expect(norm / (expected[index] as number)).to.be.closeTo(1, 1e-5);
        }
      });
    }
  });
}

describe('ghost norms', () => {
  it('of batch normalization do not exist: it is refused by name', async () => {
    const run = async () => {
      const layers = [flatten(), batchNorm()];
      const { params, state } = batchNorm().init(seededRng(4), [4]);
      const weights = { params: [{}, params], state: [{}, state] };
      const f = compile('refused', ({ x, weights: own }: Tensors<Run>) => {
        const given = { layers, weights: own, x, outputGradient: x, clipNorm: 1, mask: tf.ones([2]) };
        return clippedGradientSum(given);
      });
      await f({ x: randomArray([2, 4], 1), weights });
    };
    const message = await run().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).to.match(/layer 2 \(batch-norm\) mixes the examples of a batch/);
  });
});
