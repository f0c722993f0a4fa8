import { expect } from 'chai';
import { dpSgdEvent, epsilonOf } from '../src/accounting/index.ts';
import { zeros } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { arraysOf, mapArrays } from '../src/arrays/tree.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { Params } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { batchNorm, dense, flatten } from '../src/models/layers/index.ts';
import { initWeights, splitWeights } from '../src/models/network.ts';
import { sgd } from '../src/models/optimizers.ts';
import { type LotSource, privateLot } from '../src/training/lots.ts';
import { type Parties, trainingStep } from '../src/training/step.ts';
import { blobs, runSmall, smallModel } from '../src/training/testing/small-task.ts';
import { partsOf } from '../src/training/train.ts';
import { dpSgd } from './dp-sgd.ts';

const site: DefenseSite = {
  cut: 2,
  inputShape: [8, 8, 1],
  batchSize: 8,
  clients: [
    { examples: 100, steps: 40 },
    { examples: 400, steps: 150 },
  ],
  delta: 1e-5,
};

function ruleOf(given: OptionValues) {
  const defaults = Object.entries(dpSgd.options).map(([name, option]) => [name, option.default]);
  const rule = dpSgd.create({ ...Object.fromEntries(defaults), ...given }, site).gradientRule;
  if (!rule) throw new Error('dp-sgd has no gradient rule');
  return rule;
}

interface StepOptions {
  readonly clipNorm?: number;
  readonly noiseMultiplier?: number;
  readonly batchSize?: number;
  /** Which examples are in the lot. */
  readonly indices: readonly number[];
  readonly seed?: number;
}

const model = smallModel();
const data = blobs(120, 'train');
const cut = 2;

/** How one step with learning rate 1 moves the client's parameters: minus the noisy mean gradient. */
async function clientStep({
  clipNorm = 1,
  noiseMultiplier = 0,
  batchSize = 8,
  indices,
  seed = 1,
}: StepOptions): Promise<Params> {
  const design = { ...partsOf(model, cut), optimizer: sgd(), learningRate: 1, mode: 'fused' as const };
  const rule = { clipNorm, noiseMultiplier };
  const step = trainingStep({ ...design, privacy: { rule, normaliser: batchSize } });
  const { client, server } = splitWeights(initWeights(model, seededRng(5)), cut);
  const party = (weights: typeof client) => ({ weights, optimizer: sgd().init(weights.params) });
  const parties: Parties = { client: party(client), server: party(server) };
  const source: LotSource = { model, cut, data, batchSize, rng: seededRng(2), noiseRng: seededRng(seed).fork('noise') };
  const lot = privateLot(source, Int32Array.from(indices), { name: 'step', params: client.params, rule });
  const silent = () => ({ smashedData: <T>(sent: T) => sent, cutGradient: <T>(sent: T) => sent });
  const result = await step(parties, lot, silent);
  const moved = arraysOf(result.parties.client.weights.params);
  let index = 0;
  return mapArrays(client.params, (array) => {
    const after = moved[index++] ?? zeros(array.shape);
    return { ...array, data: after.data.map((value, i) => value - (array.data[i] as number)) };
  });
}

const values = (params: Params) => Float64Array.from(arraysOf(params).flatMap((array) => [...array.data]));
const norm = (vector: Float64Array) => Math.hypot(...vector);
const difference = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - (b[i] as number));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('dp-sgd', () => {
  it('adds noise of standard deviation noiseMultiplier · clipNorm ÷ batchSize, to an empty lot as well', async () => {
    const draws: number[] = [];
    for (let seed = 1; seed <= 60; seed += 1) {
      draws.push(...values(await clientStep({ clipNorm: 0.7, noiseMultiplier: 1.3, indices: [], seed })));
    }
    const expected = (1.3 * 0.7) / 8; // neither a square nor without the division
    const std = Math.sqrt(draws.reduce((sum, value) => sum + value ** 2, 0) / draws.length);
    expect(std).to.be.closeTo(expected, (4.5 * expected) / Math.sqrt(2 * draws.length));
  });

  it('bounds what one example can do to the sum, at every clipping norm', async () => {
    for (const clipNorm of [0.05, 0.5]) {
      const without = values(await clientStep({ clipNorm, indices: range(0, 6) }));
      const withOne = values(await clientStep({ clipNorm, indices: range(0, 7) }));
      expect(8 * norm(difference(withOne, without))).to.be.at.most(clipNorm * 1.001);
      expect(8 * norm(difference(withOne, without))).to.be.above(clipNorm * 0.5); // clipping is active here
    }
  });

  it('divides by the public batch size, not by the size of the lot', async () => {
    const one = norm(values(await clientStep({ clipNorm: 0.01, indices: [4] })));
    expect(one).to.be.closeTo(0.01 / 8, 1e-5);
  });

  it('executes what overflows a microbatch: the lot’s gradient does not depend on how it is cut', async () => {
    const indices = range(0, 100);
    const inMany = values(await clientStep({ batchSize: 8, indices }));
    const inOne = values(await clientStep({ batchSize: 100, indices }));
    const scaled = inOne.map((value) => (value * 100) / 8);
    expect(norm(difference(inMany, scaled))).to.be.below(1e-4 * norm(inMany));
  });

  it('trains under every trainer, on the whole network where there is no server', async () => {
    for (const trainer of ['centralized', 'federated', 'split', 'splitfed-v1', 'splitfed-v2'] as const) {
      const gradientRule = { clipNorm: 1, noiseMultiplier: 0.5 };
      const { rounds } = await runSmall({ trainer, gradientRule, config: { rounds: 1 } });
      expect(rounds[0]?.trainLoss, trainer).to.be.within(0.3, 3);
      expect(rounds[0]?.steps[0], trainer).to.equal(3); // ⌈20 ÷ 8⌉ lots an epoch
    }
  });

  it('refuses layers that mix the examples of a batch, naming them', async () => {
    const mixing = { ...model, layers: [flatten(), batchNorm(), dense({ units: 3 })] };
    const run = runSmall({ trainer: 'federated', model: mixing, gradientRule: { clipNorm: 1, noiseMultiplier: 1 } });
    const message = await run.then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).to.match(/batch-norm.*mixes the examples/);
  });

  it('takes a target ε for every client, and never less noise than that asks for', () => {
    const rule = ruleOf({ epsilon: 2 });
    const epsilons = site.clients.map(({ examples, steps }) => {
      const event = dpSgdEvent({ samplingRate: 8 / examples, noiseMultiplier: rule.noiseMultiplier, steps });
      return epsilonOf(event, site.delta).upper as number;
    });
    expect(Math.max(...epsilons))
      .to.be.at.most(2)
      .and.above(1.99);
    expect(ruleOf({}).noiseMultiplier).to.equal(1.3);
  });
});
