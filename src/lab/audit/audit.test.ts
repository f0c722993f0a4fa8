/** The project's own mechanisms under audit, and broken ones that the audit must catch. */

import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { conv2d, dense, relu } from '../../models/layers/index.ts';
import { auditSampler } from './audit-sampler.ts';
import { type DpSgdStepOptions, dpSgdStepSampler, trainingStepOf } from './dp-sgd-step.ts';
import { noiseLayerSampler } from './noise-layer.ts';
import { worstPair } from './worst-pair.ts';

const level = { delta: 0.05, confidence: 0.99 }; // seeds are fixed, so that no false alarm comes later
const rule = { clipNorm: 0.5, noiseMultiplier: 1 };

const auditStep = (options: Partial<DpSgdStepOptions> = {}, trials = 3000) =>
  auditSampler(dpSgdStepSampler({ ...rule, samplingRate: 1, ...options }), { ...level, trials, rng: seededRng(1) });

describe('the audit of a DP-SGD step', () => {
  it('does not contradict the training’s own step, and comes close to its claim', async () => {
    const { claimed, audit, check, gaussian } = await auditStep();
    expect(claimed).to.be.closeTo(1.5689, 1e-4); // μ = 1 at δ = 0.05
    expect(check.ok).to.equal(true);
    expect(gaussian?.check.ok).to.equal(true);
    expect(audit.epsilon).to.be.above(0.8);
    expect(gaussian?.audit.epsilon).to.be.above(1.1); // a score that misses the canary would find nothing
  });

  it('does not contradict automatic clipping, and still finds the canary in it', async () => {
    const { audit, check } = await auditStep({ clipping: { kind: 'automatic', stabilizer: 0.01 } });
    expect(check.ok).to.equal(true);
    expect(audit.epsilon).to.be.above(0.8);
  });

  it('catches 2/3 of the noise', async () => {
    const step = trainingStepOf({ ...rule, noiseMultiplier: (2 / 3) * rule.noiseMultiplier });
    const { check, gaussian } = await auditStep({ step });
    expect(check.ok).to.equal(false);
    expect(gaussian?.check.ok).to.equal(false);
  });

  it('catches noise scaled by its variance, and clipping to twice the norm', async () => {
    // At clipNorm 0.5 a standard deviation of z · C² has half of the noise.
    const squared = trainingStepOf({ ...rule, noiseMultiplier: rule.noiseMultiplier * rule.clipNorm });
    expect((await auditStep({ step: squared })).check.ok).to.equal(false);
    const loose = trainingStepOf({ clipNorm: 2 * rule.clipNorm, noiseMultiplier: rule.noiseMultiplier / 2 });
    expect((await auditStep({ step: loose })).check.ok).to.equal(false);
  });

  it('of a sampled canary finds less, and does not call it Gaussian but sampled', async () => {
    const options = { samplingRate: 0.25, noiseMultiplier: 0.5 };
    const { claimed, audit, check, gaussian } = await auditStep(options);
    expect(check.ok).to.equal(true);
    expect(audit.epsilon).to.be.within(0.3, claimed);
    expect(gaussian?.audit).to.include({ method: 'sampled-gaussian' });
    expect(gaussian?.audit.epsilon).to.be.within(audit.epsilon, claimed);
    const step = trainingStepOf({ ...rule, noiseMultiplier: (2 / 3) * options.noiseMultiplier });
    const broken = await auditStep({ ...options, step });
    expect(broken.gaussian?.check.ok).to.equal(false);
  });
});

/** Noise of scale `multiplier` on a layer whose sensitivity is 1: what PixelDP does. */
function withNoise(layer: Layer, distribution: 'laplace' | 'normal', multiplier: number): Layer {
  return {
    ...layer,
    noiseAt: 'always',
    noise: (inputShape) => ({ distribution, shape: layer.outputShape(inputShape) }),
    apply(params, x, context) {
      const { output, state } = layer.apply(params, x, { ...context, noise: undefined });
      return { output: tf.add(output, tf.mul(multiplier, context.noise as Tensor)), state };
    },
  };
}

/** A dense layer whose kernel is one number on the diagonal. */
function scaling(by: number): Layer {
  const layer = dense({ units: 3 });
  const init: Layer['init'] = (rng, shape) => {
    const made = layer.init(rng, shape);
    const data = Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? by : 0));
    return { ...made, params: { ...made.params, kernel: { shape: [3, 3], data } } };
  };
  return { ...layer, init };
}

describe('the worst-pair audit of a noise layer', () => {
  const distance = 0.5;
  for (const [kind, distribution] of [
    ['laplace', 'laplace'],
    ['gaussian', 'normal'],
  ] as const) {
    const audited = async (gain: number, multiplier: number) => {
      const layers = [scaling(gain), withNoise(relu(), distribution, multiplier)];
      const claim = { kind, noiseMultiplier: multiplier / distance };
      const options = { layers, inputShape: [3], claim, distance, rng: seededRng(2) };
      return auditSampler(await noiseLayerSampler(options), { ...level, trials: 8000, rng: seededRng(3) });
    };

    it(`${kind}: a layer of sensitivity 1 keeps its claim, and the audit comes within a factor of 3`, async () => {
      const { claimed, audit, check } = await audited(1, 0.5);
      expect(check.ok).to.equal(true);
      expect(audit.epsilon).to.be.above(claimed / 3);
    });

    it(`${kind}: a layer that claims 2/3 of its sensitivity is caught`, async () => {
      expect((await audited(1.5, 0.5)).check.ok).to.equal(false);
    });
  }

  it('refuses a layer without noise', async () => {
    const claim = { kind: 'gaussian', noiseMultiplier: 1 } as const;
    const options = { inputShape: [3], claim, distance, rng: seededRng(1) };
    const none = noiseLayerSampler({ ...options, layers: [scaling(1)] });
    const silent = noiseLayerSampler({ ...options, layers: [withNoise(scaling(1), 'normal', 0)] });
    expect(await reasonOf(none)).to.match(/exactly one layer with noise, but there are 0/);
    expect(await reasonOf(silent)).to.match(/positive scale/);
  });
});

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'it did not refuse',
    (error: Error) => error.message,
  );
}

describe('worstPair', () => {
  it('between norms reaches Δ: the largest row from L1, the largest over all signs from L∞ and to L1', async () => {
    const kernel = { shape: [10, 6], data: seededRng(7).normal(60) };
    const layer = dense({ units: 6 });
    for (const [from, to] of [
      ['l1', 'l2'],
      ['l2', 'l1'],
      ['linf', 'l1'],
      ['linf', 'l2'],
    ] as const) {
      const exact = await compile(
        'Δ',
        (k: Tensor) => layer.sensitivityBetween?.({ from, to }, { kernel: k }) ?? k,
      )(kernel);
      const expected = exact.data[0] as number;
      const { x, moved, outputDistance } = await worstPair({
        network: (t, input) =>
          layer.apply(t.params[0] ?? {}, input, { state: {}, noise: undefined, training: true }).output,
        weights: { params: [{ kernel, bias: { shape: [6], data: new Float32Array(6) } }], state: [{}] },
        inputShape: [10],
        norms: { from, to },
        distance: 0.1,
        rng: seededRng(1),
      });
      const shifts = moved.data.map((value, i) => Math.abs(value - (x.data[i] as number)));
      const size = { l1: shifts.reduce((a, b) => a + b), l2: Math.hypot(...shifts), linf: Math.max(...shifts) }[from];
      expect(size, 'input distance').to.be.closeTo(0.1, 1e-6);
      // One start ends up to 28 % below.
      expect(outputDistance / 0.1, `${from} to ${to}`).to.be.within(0.98 * expected, 1.0001 * expected);
    }
  });

  it('reaches the operator norm of a convolution: column sums in L1, singular value in L2', async () => {
    // The 3×3×2×3 kernel 0.5 · sin(1 + i) on 9×9: its dense matrix has ‖·‖₁ = 8.6317 and ‖·‖₂ = 5.6413.
    const layer = conv2d({ filters: 3, kernel: 3 });
    const kernel = { shape: [3, 3, 2, 3], data: Float32Array.from({ length: 54 }, (_, i) => 0.5 * Math.sin(1 + i)) };
    const weights = { params: [{ kernel, bias: { shape: [3], data: new Float32Array(3) } }], state: [{}] };
    for (const [norm, expected] of [
      ['l1', 8.63174772],
      ['l2', 5.64133072],
    ] as const) {
      const { x, moved, outputDistance } = await worstPair({
        network: (t, input) =>
          layer.apply(t.params[0] ?? {}, input, { state: {}, noise: undefined, training: true }).output,
        weights,
        inputShape: [9, 9, 2],
        norms: { from: norm, to: norm },
        distance: 0.1,
        rng: seededRng(1),
      });
      const shifts = moved.data.map((value, i) => Math.abs(value - (x.data[i] as number)));
      const size = norm === 'l1' ? shifts.reduce((a, b) => a + b) : Math.hypot(...shifts);
      expect(size, 'input distance').to.be.closeTo(0.1, 1e-6);
      expect(outputDistance / 0.1).to.be.within(0.98 * expected, 1.0001 * expected);
    }
  });
});
