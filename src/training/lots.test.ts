/** What the accountant of DP-SGD takes for granted: lots by independent coins, and noise that is fresh in every one. */

import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import { dropout } from '../models/layers/index.ts';
import { initWeights, splitWeights } from '../models/network.ts';
import { epochPositions, privateLot, samplingRate } from './lots.ts';
import { blobs, runSmall, smallModel } from './testing/small-task.ts';

const model = smallModel();
const source = { model, cut: 2, data: blobs(10, 'train'), batchSize: 50, rng: seededRng(1), noiseRng: seededRng(2) };

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[], center: number) => mean(values.map((value) => (value - center) ** 2));

describe('the lots of an epoch', () => {
  const examples = 1000;

  it('hold each example with probability batchSize ÷ examples, in each lot by a coin of its own', () => {
    const lots = epochPositions(source, examples, true);
    expect(lots).to.have.length(20);
    const times = new Array<number>(examples).fill(0);
    for (const lot of lots) for (const position of lot) times[position] = (times[position] as number) + 1;
    // Binomial(20, 0.05): mean 1, variance 0.95; all lots alike would have 19. Standard errors, taken 4.5 times.
    expect(mean(times)).to.be.closeTo(1, 4.5 * Math.sqrt(0.95 / examples));
    expect(variance(times, 1)).to.be.closeTo(0.95, 4.5 * 0.95 * Math.sqrt(2 / examples));
    // Binomial(1000, 0.05): lots of a fixed size have variance 0.
    const sizes = lots.map(({ length }) => length);
    expect(variance(sizes, 50)).to.be.closeTo(47.5, 2 * 47.5 * Math.sqrt(2 / 20));
    expect(samplingRate(examples, 50)).to.equal(0.05);
  });

  it('hold each example once in shuffled passes', () => {
    const lots = epochPositions(source, 120, false);
    expect(lots.map(({ length }) => length)).to.deep.equal([50, 50, 20]);
    expect(new Set(lots.flatMap((lot) => [...lot])).size).to.equal(120);
  });
});

describe('what a private lot draws', () => {
  it('is its own: of each microbatch for layers, of each lot for gradients and the count of norms', () => {
    const noisy = { ...model, layers: [dropout({ rate: 0.5 }), ...model.layers] };
    const clipping = { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 1 } as const;
    const rule = { clipNorm: 1, noiseMultiplier: 1, clipping, microbatch: 4 };
    const { params } = splitWeights(initWeights(noisy, seededRng(1)), 2).client;
    const lots = ['0', '1'].map((name) =>
      privateLot({ ...source, model: noisy }, Int32Array.from([1, 2, 3, 4, 5, 6, 7, 8]), { name, params, rule }),
    );
    const firstOf = (tree: unknown) => arraysOf(tree)[0]?.data[0] as number;
    const layers = lots.flatMap(({ microbatches }) => microbatches.map(({ clientNoise }) => firstOf(clientNoise)));
    const ofLots = lots.flatMap(({ gradientNoise, clip }) => [firstOf(gradientNoise), clip?.countNoise as number]);
    expect(layers.concat(ofLots).every(Number.isFinite)).to.equal(true);
    expect([layers.length, ofLots.length]).to.deep.equal([4, 4]);
    expect(new Set([...layers, ...ofLots]).size).to.equal(8);
  });
});

describe('the noise of dp-sgd', () => {
  it('is fresh in every lot, epoch, round and client: that of n steps grows by √n', async () => {
    const gradientRule = { clipNorm: 1, noiseMultiplier: 8 }; // ÷ batchSize 8 and · learningRate: 1e-3 a step
    const optimizer = { name: 'sgd', learningRate: 1e-3, state: 'reset' } as const;
    const config = { rounds: 3, localEpochs: 2, optimizer };
    const { global } = await runSmall({ trainer: 'federated', clients: 2, gradientRule, config });
    const before = splitWeights(initWeights(model, seededRng(1).fork('weights')), model.layers.length);
    const flat = (tree: unknown) => arraysOf(tree).flatMap(({ data }) => [...data]);
    const start = flat(before.client);
    const moves = flat(global.client).map((value, i) => value - (start[i] as number));
    const expected = 1e-3 * Math.sqrt((3 * 2 * 3) / 2); // of 18 steps, the mean of two clients
    // Clipped gradients add up to 18 · 1e-3 in norm at most, next to nothing among 859 coordinates.
    expect(Math.sqrt(variance(moves, 0))).to.be.closeTo(expected, (6 * expected) / Math.sqrt(2 * moves.length));
  });
});
