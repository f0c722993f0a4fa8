import { expect } from 'chai';
import { ndarray } from '../../src/arrays/ndarray.ts';
import type { Dataset } from '../../src/contracts/dataset.ts';
import type { Params } from '../../src/contracts/model.ts';
import { mnist } from '../../src/data/mnist.ts';
import { models } from '../../src/models/index.ts';
import { observe } from '../../src/training/testing/observed.ts';
import { inferLabel } from './infer-label.ts';

/** How many labels of so many digits are read off their gradients; a network of its own for every ten. */
async function exactLabels(modelName: string, data: Dataset, digits: number): Promise<number> {
  const model = models.find(({ name }) => name === modelName)?.build({ inputShape: [28, 28, 1], classes: 10 });
  if (!model) throw new Error(`the zoo has no ${modelName}`);
  let exact = 0;
  for (let first = 0; first < digits; first += 10) {
    const batches = Array.from({ length: 10 }, (_, i) => [first + i]);
    const scene = { model, cut: model.layers.length, view: 'server', data, batches, seed: first } as const;
    const { observations, labels } = await observe(scene);
    observations.forEach(({ releases: [seen] }, i) => {
      exact += Number(inferLabel(seen?.gradient as Params) === labels[i]?.[0]);
    });
  }
  return exact;
}

describe('inferLabel', () => {
  let data: Dataset;
  before(async () => {
    data = (await mnist.load({ train: 200, test: 1 })).train;
  });

  it('P1: is exact for 200 of 200 digits on LeNet-Zhu, where features are positive', async () => {
    expect(await exactLabels('lenet-zhu', data, 200)).to.equal(200);
  });

  it('is exact where features can be negative and sum to less than 0: the bias tells the sign', async () => {
    expect(await exactLabels('strided', data, 100)).to.equal(100); // SiLU: by column sums alone some are wrong
  });

  it('takes the least column, in whose gradient p − y is negative', () => {
    // Two features a = (2, 1), p − y = (0.2, −0.7, 0.5).
    const kernel = ndarray([2, 3], [0.4, -1.4, 1, 0.2, -0.7, 0.5]);
    expect(inferLabel([{ kernel }])).to.equal(1);
  });

  it('turns the sign where the features sum to less than 0', () => {
    // Features a = (−2, 1), p − y = (0.2, −0.7, 0.5): column sums −0.2, 0.7, −0.5.
    const kernel = ndarray([2, 3], [-0.4, 1.4, -1, 0.2, -0.7, 0.5]);
    expect(inferLabel([{ kernel, bias: ndarray([3], [0.2, -0.7, 0.5]) }])).to.equal(1);
    expect(inferLabel([{ kernel }])).to.not.equal(1); // without the bias nothing tells
  });

  it('refuses a last layer that is not dense', () => {
    const kernel = ndarray([1, 1, 1, 2], [1, 2]);
    expect(() => inferLabel([{ kernel }])).to.throw(RangeError, /dense last layer/);
    expect(() => inferLabel([])).to.throw(RangeError, /dense last layer/);
  });
});
