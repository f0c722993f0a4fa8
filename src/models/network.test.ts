import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import { randomArray } from '../autodiff/testing/central-differences.ts';
import { compile } from '../compile/compile.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { Layer, LayerNoise, Model, Weights } from '../contracts/model.ts';
import { models } from './index.ts';
import { batchNorm, conv2d, dense, dropout, flatten, relu } from './layers/index.ts';
import {
  applyLayers,
  drawNoise,
  initWeights,
  joinWeights,
  outputShapes,
  parameterCount,
  splitModel,
  splitWeights,
} from './network.ts';

/** A small network with everything that has state or noise. */
const mixed: Model = {
  name: 'mixed',
  inputShape: [6, 6, 1],
  classes: 3,
  layers: [
    conv2d({ filters: 2, kernel: 3 }),
    batchNorm(),
    relu(),
    dropout({ rate: 0.5 }),
    flatten(),
    dense({ units: 3 }),
  ],
};

interface Run {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly noise: LayerNoise;
}

const forward = (layers: readonly Layer[], training: boolean) =>
  compile('forward', ({ weights, x, noise }: Tensors<Run>) => applyLayers(layers, weights, x, { noise, training }));

const zoo = models.map((entry) => entry.build({ inputShape: [28, 28, 1], classes: 10 }));
const batch = 2;

describe('a model cut in two', () => {
  for (const model of [mixed, ...zoo]) {
    it(`${model.name}: every cut gives the whole model's output`, async () => {
      const rng = seededRng(3);
      const weights = initWeights(model, rng.fork('weights'));
      const x = randomArray([batch, ...model.inputShape], 1);
      const noise = drawNoise(model.layers, model.inputShape, batch, rng.fork('noise'), 'training');
      const whole = await forward(model.layers, true)({ weights, x, noise });
      for (let cut = 1; cut < model.layers.length; cut += 1) {
        const parts = splitModel(model, cut);
        const { client, server } = splitWeights(weights, cut);
        expect(joinWeights(client, server)).to.eql(weights);
        const smashed = await forward(parts.client.layers, true)({ weights: client, x, noise: noise.slice(0, cut) });
        expect(smashed.output.shape).to.eql([batch, ...parts.client.outputShape]);
        expect(parts.server.inputShape).to.eql(parts.client.outputShape);
        const rest = { weights: server, x: smashed.output, noise: noise.slice(cut) };
        const output = await forward(parts.server.layers, true)(rest);
        for (const [i, value] of output.output.data.entries()) {
          expect(value).to.be.closeTo(whole.output.data[i] as number, 1e-5);
        }
        expect(arraysOf([...smashed.state, ...output.state]).length).to.equal(arraysOf(whole.state).length);
      }
    });
  }

  it('must leave layers on both sides', () => {
    const lenet5 = zoo.find(({ name }) => name === 'lenet5') as Model;
    for (const cut of [0, 12, 14, 1.5]) {
      expect(() => splitModel(lenet5, cut)).to.throw(
        RangeError,
        `cut must be between 1 and 11 for model "lenet5" (12 layers), but is ${cut}. Trainers "centralized" and "federated" train uncut.`,
      );
    }
  });
});

describe('initWeights', () => {
  it('gives the same weights for the same seed, and others for another', () => {
    expect(initWeights(mixed, seededRng(1))).to.eql(initWeights(mixed, seededRng(1)));
    expect(initWeights(mixed, seededRng(1))).not.to.eql(initWeights(mixed, seededRng(2)));
  });

  it('draws each layer from a stream of its own', () => {
    const wider = { ...mixed, layers: [conv2d({ filters: 2, kernel: 5 }), ...mixed.layers.slice(1)] };
    const [a, b] = [initWeights(mixed, seededRng(1)), initWeights(wider, seededRng(1))];
    expect(a.params[5]).to.eql(b.params[5]);
  });

  it('counts parameters without running statistics', () => {
    // conv 3·3·1·2 + 2, batch-norm 2 + 2, dense 72·3 + 3
    expect(parameterCount(initWeights(mixed, seededRng(1)))).to.equal(20 + 4 + 219);
  });
});

describe('drawNoise', () => {
  const noisy = (distribution: 'normal' | 'laplace'): Layer => ({
    ...relu(),
    noise: (shape) => ({ distribution, shape }),
    noiseAt: 'always',
  });
  const layers = [relu(), noisy('laplace'), dropout({ rate: 0.5 })];

  it('has an entry for each layer, and draws only what is needed in the phase', () => {
    const shapes = (phase: 'training' | 'evaluation') =>
      drawNoise(layers, [4, 2], 3, seededRng(1), phase).map((draw) => draw?.shape);
    expect(shapes('training')).to.eql([undefined, [3, 4, 2], [3, 4, 2]]);
    expect(shapes('evaluation')).to.eql([undefined, [3, 4, 2], undefined]);
  });

  it('shifts no stream where another layer becomes noisy', () => {
    const more = [noisy('normal'), ...layers.slice(1)];
    const [a, b] = [layers, more].map((list) => drawNoise(list, [4, 2], 3, seededRng(1), 'training'));
    expect(a?.slice(1)).to.eql(b?.slice(1));
  });

  it('gives layers of one kind draws of their own', () => {
    const [a, b] = drawNoise([noisy('normal'), noisy('normal')], [4, 2], 3, seededRng(1), 'training');
    expect(a).not.to.eql(b);
  });

  it('draws from the distribution that the layer asks for', () => {
    const n = 40_000;
    for (const [distribution, excess] of [
      ['normal', 0],
      ['laplace', 3],
    ] as const) {
      const [draw] = drawNoise([noisy(distribution)], [n], 1, seededRng(2), 'training');
      const moment = (power: number) => (draw as NdArray).data.reduce((sum, x) => sum + x ** power, 0) / n;
      // Standardized fourth moments of n Laplace draws have a std of about 2,500^½ ÷ √n = 0.25; of normal ones 0.05.
      expect(moment(4) / moment(2) ** 2 - 3).to.be.closeTo(excess, excess === 0 ? 0.25 : 1.2);
    }
  });
});

describe('outputShapes', () => {
  it('lists the shape after every layer', () => {
    expect(outputShapes(mixed.layers, mixed.inputShape)).to.eql([
      [6, 6, 2],
      [6, 6, 2],
      [6, 6, 2],
      [6, 6, 2],
      [72],
      [3],
    ]);
  });
});
