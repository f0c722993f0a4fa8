import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import { arraysOf } from '../../arrays/tree.ts';
import { grad } from '../../autodiff/index.ts';
import { checkDerivatives, randomArray } from '../../autodiff/testing/central-differences.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { LayerTensors } from '../../contracts/model.ts';
import { adam } from '../optimizers.ts';
import { generators, grnn, grnnLabels, type ImageShape, latent } from './index.ts';

const shapes: readonly ImageShape[] = [
  [28, 28, 1],
  [32, 32, 3],
  [30, 22, 1],
  [8, 8, 2],
];

type Inputs = { readonly params: LayerTensors; readonly fixed: LayerTensors };

describe('the generators', () => {
  for (const generator of generators) {
    for (const shape of shapes) {
      it(`${generator.name}: images of ${shape.join('×')} in (0, 1), each its own`, async () => {
        const made = generator.init(seededRng(1), 2, shape);
        const images = await compile('images', ({ params, fixed }: Inputs) => generator.apply(params, fixed, shape))(
          made,
        );
        expect(images.shape).to.eql([2, ...shape]);
        expect(images.data.every((value) => value > 0 && value < 1)).to.equal(true);
        const half = images.data.length / 2;
        expect(images.data.slice(0, half)).not.to.eql(images.data.slice(half));
      });
    }

    it(`${generator.name}: is drawn alike for the same seed`, () => {
      expect(generator.init(seededRng(1), 2, [28, 28, 1])).to.eql(generator.init(seededRng(1), 2, [28, 28, 1]));
      expect(generator.init(seededRng(1), 2, [28, 28, 1])).not.to.eql(generator.init(seededRng(2), 2, [28, 28, 1]));
    });

    it(`${generator.name}: has the derivatives that central differences have`, async () => {
      const { params, fixed } = generator.init(seededRng(1), 1, [8, 8, 1]);
      const constants = Object.entries(fixed);
      const check = await checkDerivatives(
        generator.name,
        (own) => {
          const held = Object.fromEntries(constants.map(([k, { shape, data }]) => [k, tf.tensor(data, [...shape])]));
          const images = generator.apply(own, held, [8, 8, 1]);
          return tf.sum(tf.mul(tf.square(images), tf.reshape(tf.linspace(0.5, 1, 64), [1, 8, 8, 1])));
        },
        params,
        1e-3,
      );
      for (const { gradient, difference } of [check.first, check.second]) {
        expect(gradient).to.be.closeTo(difference, 5e-3 * Math.max(1, Math.abs(difference)));
      }
    });
  }

  it('latent: learns an image in 100 steps of Adam 0.1', async () => {
    const shape: ImageShape = [28, 28, 1];
    const target = {
      shape: [1, ...shape],
      data: randomArray([1, 784], 1, [0, 1]).data.map((v, i) => (i % 28 < 14 ? v / 4 : 1 - v / 4)),
    };
    let { params } = latent.init(seededRng(1), 1, shape);
    const optimizer = adam();
    let state = optimizer.init(params);
    const error = (own: LayerTensors, goal: Tensor) => tf.mean(tf.square(tf.sub(latent.apply(own, {}, shape), goal)));
    const step = compile('step', (inputs: { params: LayerTensors; state: never; goal: Tensor }) => ({
      ...optimizer.update(
        inputs.params,
        grad((own) => error(own, inputs.goal), inputs.params),
        inputs.state,
        tf.scalar(0.1),
      ),
      loss: error(inputs.params, inputs.goal),
    }));
    const losses: number[] = [];
    for (let k = 0; k < 100; k += 1) {
      const next = await step({ params, state: state as never, goal: target });
      params = next.params;
      state = next.state;
      losses.push(next.loss.data[0] as number);
    }
    expect(losses[0]).to.be.above(0.1);
    expect(losses.at(-1)).to.be.below(0.02);
  });

  it('grnn: has the published numbers of parameters at 32×32×3', () => {
    const { params, fixed } = grnn.init(seededRng(1), 1, [32, 32, 3]);
    // ConvTranspose 128 → 256 at 4×4 with bias; convolutions 128 → 128, 64 → 64 and 32 → 6 of 3×3; γ and β of each.
    const expected = 128 * 256 * 16 + 256 + 9 * (128 * 128 + 64 * 64 + 32 * 6) + 2 * (128 + 64 + 6);
    expect(arraysOf(params).reduce((sum, { data }) => sum + data.length, 0)).to.equal(expected);
    expect(fixed['z']?.shape).to.eql([1, 128]);
  });

  it('grnn: its label branch gives logits from the same noise', async () => {
    const { fixed } = grnn.init(seededRng(1), 2, [28, 28, 1]);
    const labels = compile('labels', ({ params, fixed: z }: Inputs) => grnnLabels.apply(params, z));
    const logits = await labels({ params: grnnLabels.init(seededRng(2), 10), fixed });
    expect(logits.shape).to.eql([2, 10]);
  });
});
