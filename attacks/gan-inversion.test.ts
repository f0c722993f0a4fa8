import { expect } from 'chai';
import { pixeldp } from '../defenses/pixeldp.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { AttackOnView, ViewName } from '../src/contracts/attack.ts';
import type { Dataset } from '../src/contracts/dataset.ts';
import type { GradientRule } from '../src/contracts/defense.ts';
import type { Model } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { mnist } from '../src/data/mnist.ts';
import { psnr } from '../src/metrics/index.ts';
import { lenetZhu } from '../src/models/zoo/lenet-zhu.ts';
import { strided } from '../src/models/zoo/strided.ts';
import { observe } from '../src/training/testing/observed.ts';
import { blobs, smallModel } from '../src/training/testing/small-task.ts';
import { ganInversion } from './gan-inversion.ts';
import { withDefaults } from './testing/defaults.ts';

const digits = { inputShape: [28, 28, 1], classes: 10 } as const;
const cut = 4; // of `strided`, and of the other models too
/** PSNR of the mean image on MNIST. */
const control = 12.7;

interface Trial {
  readonly model?: Model;
  /** MNIST where left out. */
  readonly images?: Dataset;
  readonly view?: ViewName;
  readonly options?: OptionValues;
  readonly gradientRule?: GradientRule;
  /** Training digits; one observation. */
  readonly victims?: readonly number[];
}

interface Outcome {
  readonly psnr: number;
  readonly labels: readonly number[];
  readonly truth: readonly number[];
  readonly objective: number;
}

/** The small victim of the main job with a noise layer after its first convolution. */
function noisyStrided(epsilon: number): Model {
  const model = strided.build(digits);
  const site = { cut, inputShape: [28, 28, 1], batchSize: 50, clients: [{ examples: 1000, steps: 1 }], delta: 1e-5 };
  const options = withDefaults(pixeldp, { epsilon, distance: 0.3, gainFloor: 0.3 });
  return { ...model, layers: pixeldp.create(options, site).protectLayers?.(model.layers) ?? [] };
}

describe('gan-inversion', () => {
  let data: Dataset;
  before(async () => {
    data = (await mnist.load({ train: 100, test: 1 })).train;
  });

  async function invert({ model = strided.build(digits), view = 'servers', ...trial }: Trial): Promise<Outcome> {
    const { options, gradientRule, victims = [0], images = data } = trial;
    const batch = victims.length;
    const attack = ganInversion.create(
      withDefaults(ganInversion, { batch, ...options }),
      view,
    ) as AttackOnView<ViewName>;
    const rule = gradientRule && { gradientRule };
    const seen = await observe<ViewName>({ model, cut, view, data: images, batches: [victims], seed: 11, ...rule });
    const [result] = await attack.run(seen.observations, seen.knowledge, { rng: seededRng(12), progress: () => {} });
    const [original, image] = [seen.images[0]?.data, result?.images?.data];
    if (!original || !image || !result?.labels) throw new Error('no reconstruction');
    const labels = [...result.labels];
    return { psnr: psnr(original, image), labels, truth: [...(seen.labels[0] ?? [])], objective: result.objective };
  }

  it('recovers digits and labels from an undefended gradient of both servers', async () => {
    for (const victim of [3, 8]) {
      const { psnr: found, labels, truth } = await invert({ victims: [victim] });
      expect(found).to.be.above(22); // 31 dB in the median of 16; single ones come out at 19
      expect(labels).to.deep.equal(truth);
    }
  });

  it('does the same for the federated server: it is the same gradient', async () => {
    const options = { restarts: 1, iterations: 30 };
    const [both, federated] = [await invert({ options }), await invert({ options, view: 'server' })];
    expect(federated.objective).to.be.closeTo(both.objective, 1e-4 * both.objective);
  });

  it('recovers a digit from the client part’s gradient where the main server lends its parameters', async () => {
    expect((await invert({ view: 'fed-server' })).psnr).to.be.above(control + 6);
  });

  it('recovers nothing from it where the server part is unknown, and says so in its description', async () => {
    const alone = await invert({ view: 'fed-server', options: { knowsServer: false, restarts: 1 } });
    expect(alone.psnr).to.be.below(control);
    expect(ganInversion.options['knowsServer']?.description).to.match(/without them no image is recovered/);
  });

  it('searches the noise of a noise layer too: ignoring it overstates the protection', async () => {
    const model = noisyStrided(5);
    const with_ = async (noise: string) => (await invert({ model, options: { noise, restarts: 1 } })).psnr;
    const [joint, ignored] = [await with_('joint'), await with_('ignore')];
    expect(joint).to.be.above(control + 3);
    expect(joint).to.be.above(ignored + 6);
  });

  it('polishes in preset thorough', async () => {
    const small = { model: smallModel(), images: blobs(4, 'train') };
    const settings = { restarts: 1, iterations: 200 };
    const quick = await invert({ ...small, options: settings });
    const thorough = await invert({ ...small, options: { ...settings, preset: 'thorough' } });
    expect(thorough.objective).to.be.below(quick.objective / 2); // as low if L-BFGS did not run
    expect(thorough.psnr).to.be.above(quick.psnr + 3);
  });

  it('descends with the published generator and settings', async () => {
    const model = lenetZhu.build(digits);
    const at = (iterations: number) => invert({ model, options: { preset: 'published', iterations } });
    const [early, late] = [await at(3), await at(120)];
    expect(late.objective).to.be.below(early.objective / 3);
  });

  it('takes labels that both servers saw as they are', async () => {
    const options = { labels: 'seen', restarts: 1, iterations: 2 };
    const { labels, truth } = await invert({ options, victims: [0, 1, 2, 3] });
    expect(labels).to.deep.equal(truth);
  });

  it('knows that gradients were clipped', async () => {
    const gradientRule = { clipNorm: 0.5, noiseMultiplier: 0 };
    expect((await invert({ gradientRule, options: { restarts: 1 } })).psnr).to.be.above(control + 6);
  });

  it('is stopped by DP-SGD in the client part’s gradient, but not in what the main server computes itself', async () => {
    const noisy = { gradientRule: { clipNorm: 0.5, noiseMultiplier: 1 }, options: { restarts: 1 } };
    expect((await invert({ ...noisy, view: 'fed-server' })).psnr).to.be.below(control);
    expect((await invert(noisy)).psnr).to.be.above(control + 3); // the rule covers the client part only
  });

  it('refuses labels "seen" where the view shows none', () => {
    const refusal = () => ganInversion.create(withDefaults(ganInversion, { labels: 'seen' }), 'fed-server');
    expect(refusal).to.throw(RangeError, /labels "seen" needs view "servers", but the view is "fed-server"/);
  });
});
