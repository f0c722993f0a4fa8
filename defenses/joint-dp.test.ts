import { expect } from 'chai';
import { gaussianEpsilon } from '../src/accounting/index.ts';
import { full, ndarray, zeros } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { compile } from '../src/compile/compile.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type { Defense, DefenseSite, GradientRule } from '../src/contracts/defense.ts';
import type { Message } from '../src/contracts/message.ts';
import type { Layer } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { auditSampler, jointPassSampler, type PrivateStep, trainingStepOf } from '../src/lab/audit/index.ts';
import { smallModel, smallTask } from '../src/training/testing/small-task.ts';
import { train } from '../src/training/train.ts';
import { jointDp } from './joint-dp.ts';

const site: DefenseSite = {
  cut: 1,
  inputShape: [4, 1, 1],
  batchSize: 8,
  clients: [],
  delta: 1e-5,
  split: { passes: 6, classes: 10 },
};

function create(given: OptionValues = {}, at: DefenseSite = site): Defense {
  const defaults = Object.entries(jointDp.options).map(([name, option]) => [name, option.default]);
  return jointDp.create({ ...Object.fromEntries(defaults), ...given }, at);
}

/** Hands its input on. */
const identity: Layer = {
  name: 'identity',
  label: 'identity',
  outputShape: (shape) => shape,
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => ({ output: x, state: {} }),
};

function released(defense: Defense): (inputs: { x: NdArray; noise: NdArray }) => Promise<NdArray> {
  const [layer] = defense.protectLayers?.([identity]) ?? [];
  return compile(
    'released',
    ({ x, noise }: Tensors<{ x: NdArray; noise: NdArray }>) =>
      (layer as Layer).apply({}, x, { state: {}, noise, training: true }).output,
  );
}

/** A step whose noise is a share of what it should be. */
function withNoise(rule: GradientRule, share: number): PrivateStep {
  const step = trainingStepOf(rule);
  return ({ noise, ...inputs }) =>
    step({
      ...inputs,
      noise: noise.map((layer) =>
        Object.fromEntries(Object.entries(layer).map(([name, draw]) => [name, draw.mul(share)])),
      ),
    });
}

/** Standard deviation ÷ clipping norm of the noise at the cut; the claim refers to twice that norm. */
function noiseAtCut({ activationRelease }: Defense): number {
  const event = activationRelease?.(1);
  return event?.kind === 'gaussian' ? 2 * event.noiseMultiplier : Number.NaN;
}

describe('joint-dp', () => {
  it('meets its target for the passes of the whole training', () => {
    for (const [epsilon, labelEpsilon, gradientShare] of [
      [8, 2, 0.1],
      [100, 3, 0.5],
      [1, 0.25, 0.9],
    ] as const) {
      const claim = create({ epsilon, labelEpsilon, gradientShare }).jointClaim?.(6, 1e-5);
      expect(claim?.epsilon).to.be.within(epsilon * (1 - 1e-6), epsilon);
      expect(claim?.reading)
        .to.match(/replacing one record/)
        .and.match(/even malicious/);
    }
    const defense = create({ epsilon: 8 });
    expect(defense.jointClaim?.(1, 1e-5).reading).to.match(/over 1 pass,/);
    expect(defense.jointClaim?.(12, 1e-5).epsilon).to.be.above(8); // a record that was sent more often is claimed less for
    expect(defense.jointClaim?.(3, 1e-5).epsilon).to.be.below(8);
  });

  it('clips smashed data and adds noise of the standard deviation that it states, then the public gain', async () => {
    const defense = create({ epsilon: 20, clipActivation: 3, gainFloor: 0.5 });
    const std = 3 * noiseAtCut(defense);
    expect(defense.reading.join(' ')).to.contain(`standard deviation ${Number(std.toPrecision(4))} on every value`);
    const gain = 1 / (std + 0.5);
    const release = released(defense);
    const still = await release({ x: ndarray([2, 4], [30, 40, 0, 0, 0.3, 0.4, 0, 0]), noise: zeros([2, 4]) });
    const expected = [1.8, 2.4, 0, 0, 0.3, 0.4, 0, 0].map((value) => value * gain);
    still.data.forEach((value, i) => {
      expect(value).to.be.closeTo(expected[i] as number, 1e-5);
    });
    const noisy = await release({ x: zeros([1, 4]), noise: full([1, 4], 1) });
    for (const value of noisy.data) expect(value).to.be.closeTo(std * gain, 1e-3 * std * gain);
  });

  it('claims what its noise comes to: of both channels, in units of 2C, and of the labels', () => {
    const defense = create({ epsilon: 20, labelEpsilon: 2, gradientShare: 0.3, clipActivation: 3, clipGradient: 0.5 });
    const [activation, gradient] = [noiseAtCut(defense), defense.gradientRule?.noiseMultiplier as number];
    const mu = Math.sqrt(5 * ((activation / 2) ** -2 + (gradient / 2) ** -2));
    expect(defense.jointClaim?.(5, 1e-5).epsilon).to.be.closeTo(2 + gaussianEpsilon(mu, 1e-5), 1e-9);
    expect(gradient ** 2 / activation ** 2).to.be.closeTo(0.7 / 0.3, 1e-9); // shares of μ²
  });

  it('keeps a label with probability e^ε ÷ (e^ε + k − 1)', () => {
    const { labelRule } = create({ labelEpsilon: 2 });
    expect(labelRule?.keep).to.be.closeTo(Math.exp(2) / (Math.exp(2) + 9), 1e-12);
  });

  it('sends each record once a local epoch, and never its clean smashed data', async () => {
    const classes = smallModel().classes;
    const defense = create({ epsilon: 50 }, { ...site, cut: 2, inputShape: [8, 8, 1], split: { passes: 4, classes } });
    const model = smallModel();
    const layers = defense.protectLayers?.(model.layers) ?? [];
    const sizes: number[] = [];
    const task = smallTask({
      trainer: 'splitfed-v1',
      cut: 2,
      model: { ...model, layers },
      gradientRule: defense.gradientRule,
      config: { rounds: 2, localEpochs: 2 },
    });
    let releases = 0;
    await train(task, {
      onMessage: (message: Message) => message.kind === 'smashed-data' && sizes.push(message.labels.length),
      afterRound: (summary) => {
        releases = summary.releases;
      },
    });
    expect(releases).to.equal(4); // Poisson sampling would send some records more often
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(4 * 60);
    expect(Math.max(...sizes)).to.equal(8);
  });

  it('says what to use where nothing is split, and that labels are part of epsilon', () => {
    expect(() => create({}, { ...site, split: undefined })).to.throw(RangeError, /has none\. Use dp-sgd/);
    expect(() => create({ epsilon: 3, labelEpsilon: 3 })).to.throw(RangeError, /epsilon must be above labelEpsilon/);
  });

  describe('under audit', () => {
    const onePass = { ...site, split: { passes: 1, classes: 10 } };

    interface Shares {
      readonly options?: OptionValues;
      /** What is left of the noise at the cut, of the gradient’s, and of the labels’ chance to change. */
      readonly noise?: number;
      readonly gradientNoise?: number;
      readonly labels?: number;
    }

    /** Held against what the honest mechanism claims, whatever was made quieter. */
    async function audited({ options = {}, noise = 1, gradientNoise = 1, labels = 1 }: Shares) {
      const defense = create({ epsilon: 3, labelEpsilon: 1, gradientShare: 0.4, ...options }, onePass);
      const [release] = defense.protectLayers?.([identity]) ?? [];
      const { gradientRule, labelRule } = defense;
      if (!release || !gradientRule || !labelRule) throw new Error('joint-dp lacks a part');
      const honest = { release, width: 4, activationNoise: noiseAtCut(defense), gradientRule, labelRule, classes: 10 };
      const quieter = jointPassSampler({
        ...honest,
        release: {
          ...release,
          apply: (params, x, context) => release.apply(params, x, { ...context, noise: context.noise?.mul(noise) }),
        },
        labelRule: { ...labelRule, keep: 1 - (1 - labelRule.keep) * labels },
        step: withNoise(gradientRule, gradientNoise),
      });
      const { claim } = jointPassSampler(honest);
      return auditSampler({ ...quieter, claim }, { trials: 3000, delta: 0.01, confidence: 0.99, rng: seededRng(3) });
    }

    it('the worst record proves no more than the claim, and not nothing', async () => {
      const { claimed, audit, check } = await audited({});
      expect(check.ok).to.equal(true);
      expect(audit.epsilon).to.be.within(claimed / 4, claimed);
    });

    const mostly = {
      activations: { labelEpsilon: 0.1, gradientShare: 0.02 },
      gradients: { labelEpsilon: 0.1, gradientShare: 0.98 },
    };

    it('catches half of the noise at the cut', async () => {
      expect((await audited({ options: mostly.activations })).check.ok).to.equal(true);
      expect((await audited({ options: mostly.activations, noise: 0.5 })).check.ok).to.equal(false);
    });

    it('catches half of the gradient’s noise', async () => {
      expect((await audited({ options: mostly.gradients })).check.ok).to.equal(true);
      expect((await audited({ options: mostly.gradients, gradientNoise: 0.5 })).check.ok).to.equal(false);
    });

    it('catches labels that hardly change', async () => {
      expect((await audited({ labels: 0.02 })).check.ok).to.equal(false);
    });
  });
});
