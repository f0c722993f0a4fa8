import { expect } from 'chai';
import { dpSgdEvent, epsilonOf, groupEpsilon } from '../src/accounting/index.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { batchNorm, dense, flatten } from '../src/models/layers/index.ts';
import { runSmall, smallModel } from '../src/training/testing/small-task.ts';
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

const model = smallModel();

describe('dp-sgd', () => {
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
    expect(message).to.match(/^layer 2 \(batch-norm\) of model "small" mixes the examples of a batch, so one example/);
  });

  it('refuses them in the server part too: rows of the cut gradient would depend on the whole batch', async () => {
    const mixing = { ...model, layers: [flatten(), dense({ units: 3 }), batchNorm()] };
    const rule = { clipNorm: 1, noiseMultiplier: 1 };
    const run = runSmall({ trainer: 'splitfed-v2', model: mixing, gradientRule: rule });
    const message = await run.then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).to.match(/^layer 3 \(batch-norm\) .* so every row of the cut gradient depends on the whole batch/);
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

  it('takes the ways of clipping with their options, flat where none is named', () => {
    expect(ruleOf({})).to.deep.equal({ clipNorm: 1, noiseMultiplier: 1.3 });
    expect(ruleOf({ clipping: 'per-layer' }).clipping).to.deep.equal({ kind: 'per-layer' });
    expect(ruleOf({ clipping: 'automatic' }).clipping).to.deep.equal({ kind: 'automatic', stabilizer: 0.01 });
    const adaptive = { kind: 'adaptive', quantile: 0.5, learningRate: 0.2 };
    // A twentieth of the batch of 8: with 2σ_b = 0.8 there is room for less noise only.
    expect(ruleOf({ clipping: 'adaptive', noiseMultiplier: 0.6 }).clipping).to.deep.equal({
      ...adaptive,
      countStd: 0.4,
    });
    expect(() => ruleOf({ clipping: 'adaptive' })).to.throw(RangeError, /below 2 · countStd = 0.8 .* is 1.3/);
  });

  it('takes a norm for each layer: together they are √(Σ C_l²)', () => {
    const rule = ruleOf({ clipping: 'per-layer', layerNorms: [0.5, 1, 2], clipNorm: 7 });
    expect(rule.clipNorm).to.be.closeTo(2.29128784748, 1e-11); // √(0.25 + 1 + 4)
    expect(rule.clipping).to.deep.equal({ kind: 'per-layer', proportions: [0.5, 1, 2] });
    expect(() => ruleOf({ layerNorms: [1, 2] })).to.throw(RangeError, /layerNorms is \[1,2\], but clipping is "flat"/);
  });

  it('refuses norms that are not one for each clipped layer, naming the layers', async () => {
    const gradientRule = ruleOf({ clipping: 'per-layer', layerNorms: [0.5, 1] });
    const message = async (trainer: 'federated' | 'splitfed-v1') =>
      runSmall({ trainer, gradientRule, config: { rounds: 1 } }).then(
        () => 'nothing refused',
        (error: Error) => error.message,
      );
    expect(await message('federated')).to.match(
      /^layerNorms has 2 norms; in model "small" these layers are clipped and have parameters: layer 1 \(.*\), layer 4 \(.*\), layer 6 \(.*\)\. Give one/,
    );
    expect(await message('splitfed-v1')).to.match(/have parameters: layer 1 \([^,]*\)\. Give one/);
  });

  it('protects users where it is told how many records one has', () => {
    expect(ruleOf({ level: 'user', recordsPerUser: 4 }).recordsPerUser).to.equal(4);
    expect(() => ruleOf({ level: 'user' })).to.throw(RangeError, /needs recordsPerUser/);
    expect(() => ruleOf({ recordsPerUser: 4 })).to.throw(RangeError, /level is "example"/);
  });

  it('takes a target ε for users too: the noise with which no client exceeds it for four records', () => {
    const { noiseMultiplier } = ruleOf({ level: 'user', recordsPerUser: 4, epsilon: 3 });
    const epsilons = site.clients.map(({ examples, steps }) => {
      const run = { samplingRate: 8 / examples, noiseMultiplier, steps };
      return groupEpsilon({ run, records: 4, delta: site.delta });
    });
    expect(Math.max(...epsilons))
      .to.be.at.most(3)
      .and.above(2.99);
  });
});
