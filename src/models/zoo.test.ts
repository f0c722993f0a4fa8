import { expect } from 'chai';
import { ShapeError } from '../arrays/errors.ts';
import { seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import { grad } from '../autodiff/index.ts';
import { checkGradient, randomArray } from '../autodiff/testing/central-differences.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { LayerTensors, Model, ModelEntry, Params } from '../contracts/model.ts';
import { describeLayers, models } from './index.ts';
import { initializationNames } from './initializers.ts';
import { meanCrossEntropy, softmax } from './losses.ts';
import { applyLayers, initWeights, parameterCount, splitModel } from './network.ts';

const mnist = { inputShape: [28, 28, 1], classes: 10 } as const;
const cifar = { inputShape: [32, 32, 3], classes: 10 } as const;
const entry = (name: string): ModelEntry => models.find((model) => model.name === name) as ModelEntry;
const count = (model: Model): number => parameterCount(initWeights(model, seededRng(1)));

describe('the zoo', () => {
  for (const { name, build, defaultCut, defaultInit, options } of models) {
    describe(name, () => {
      it('fits both MNIST and CIFAR-10, and can be cut at its default', () => {
        for (const data of [mnist, cifar]) {
          const model = build(data);
          expect(model).to.include({ name, classes: 10 });
          expect(describeLayers(model).at(-1)?.outputShape).to.eql([10]);
          splitModel(model, defaultCut);
        }
      });

      it('starts from its default initializer, and from any other by name', () => {
        const weights = (init?: string) => initWeights(build({ ...mnist, ...(init && { init }) }), seededRng(1));
        expect(weights()).to.eql(weights(defaultInit));
        expect(options['init']).to.deep.include({ choices: initializationNames, default: defaultInit });
        for (const init of initializationNames) expect(arraysOf(weights(init)).length).to.be.above(0);
        expect(() => build({ ...mnist, init: 'zeros' })).to.throw(RangeError, 'init must be one of');
      });

      it('is described layer by layer', () => {
        const model = build(mnist);
        const layers = describeLayers(model);
        expect(layers.map(({ index }) => index)).to.eql(model.layers.map((_, index) => index + 1));
        expect(layers.reduce((sum, { parameters }) => sum + parameters, 0)).to.equal(count(model));
      });
    });
  }

  it('has the published numbers of parameters', () => {
    expect(count(entry('lenet5').build(mnist))).to.equal(61_706);
    expect(count(entry('strided').build(mnist))).to.equal(40_314);
    expect(count(entry('lenet-zhu').build(cifar))).to.equal(15_826); // 912 + 2 · 3612 + 7690, as in the authors’ code
    expect(count(entry('lenet-zhu').build(mnist))).to.equal(312 + 2 * 3612 + 5890);
  });

  it('lenet5 has the layers that cuts refer to', () => {
    expect(
      describeLayers(entry('lenet5').build(mnist)).map(({ label, outputShape }) => [label, ...outputShape]),
    ).to.eql([
      ['conv2d 5×5×6 same', 28, 28, 6],
      ['relu', 28, 28, 6],
      ['max-pool 2×2', 14, 14, 6],
      ['conv2d 5×5×16 valid', 10, 10, 16],
      ['relu', 10, 10, 16],
      ['max-pool 2×2', 5, 5, 16],
      ['flatten', 400],
      ['dense 120', 120],
      ['relu', 120],
      ['dense 84', 84],
      ['relu', 84],
      ['dense 10', 10],
    ]);
  });

  it('lenet5 names the layer that images are too small for', () => {
    const tiny = entry('lenet5').build({ inputShape: [8, 8, 1], classes: 10 });
    expect(() => initWeights(tiny, seededRng(1))).to.throw(
      ShapeError,
      'conv2d 5×5×16 valid needs an image of at least 5×5',
    );
  });

  it('strided starts with a first kernel that is not negative', () => {
    const [first, , second] = initWeights(entry('strided').build(mnist), seededRng(1)).params;
    expect(first?.['kernel']?.data.every((value) => value >= 0)).to.equal(true);
    expect(second?.['kernel']?.data.some((value) => value < 0)).to.equal(true);
  });
});

describe('gradient matching on the smooth victims', () => {
  for (const name of ['lenet-zhu', 'strided']) {
    it(`${name}: the gradient of ‖∇ loss‖² by image and label is that of central differences`, async () => {
      const model = entry(name).build(mnist);
      const { params, state } = initWeights(model, seededRng(2));
      const point = { x: randomArray([1, 28, 28, 1], 1, [0, 1]), label: randomArray([1, 10], 2) };
      const { gradient, difference } = await checkGradient(
        name,
        ({ x, label }) => {
          const matched = grad((own) => {
            const weights = { params: own, state: state.map(() => ({})) };
            const { output } = applyLayers(model.layers, weights, x as Tensor, { training: true });
            return meanCrossEntropy(output, softmax(label as Tensor));
          }, constants(params));
          const squares = matched.flatMap((layer) => Object.values(layer).map((array) => tf.sum(tf.square(array))));
          return squares.reduce((sum, square) => tf.add(sum, square));
        },
        point,
        1e-2,
      );
      expect(gradient / difference).to.be.closeTo(1, 1e-3);
    });
  }
});

const constants = (params: Params): LayerTensors[] =>
  params.map((layer) =>
    Object.fromEntries(Object.entries(layer).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])])),
  );
