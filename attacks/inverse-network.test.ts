import { expect } from 'chai';
import { pixeldp } from '../defenses/pixeldp.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { Attack } from '../src/contracts/attack.ts';
import type { Dataset } from '../src/contracts/dataset.ts';
import type { Layer, Model } from '../src/contracts/model.ts';
import { imagesOf } from '../src/data/batches.ts';
import { mnist } from '../src/data/mnist.ts';
import { firstExamples } from '../src/data/subset.ts';
import { psnr } from '../src/metrics/index.ts';
import { conv2d, dense, flatten, sigmoid } from '../src/models/layers/index.ts';
import { observe } from '../src/training/testing/observed.ts';
import { inverseNetwork } from './inverse-network.ts';
import { withDefaults } from './testing/defaults.ts';

/** One strided convolution on the client, so that what limits the decoder is the noise. */
const client = [conv2d({ filters: 8, kernel: 5, stride: 2, padding: 'same' }), sigmoid()];
const server = [flatten(), dense({ units: 10 })];
const model = (layers: readonly Layer[] = client): Model => ({
  name: 'shallow',
  inputShape: [28, 28, 1],
  classes: 10,
  layers: [...layers, ...server],
});

function behindNoise(epsilon: number): Model {
  const site = { cut: 2, inputShape: [28, 28, 1], batchSize: 50, clients: [{ examples: 1000, steps: 1 }], delta: 1e-5 };
  return model(pixeldp.create(withDefaults(pixeldp, { epsilon }), site).protectLayers?.(client) ?? []);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('inverse-network', () => {
  let victims: Dataset;
  let auxiliary: Dataset;
  before(async () => {
    const splits = await mnist.load({ train: 24, test: 800 });
    victims = splits.train;
    auxiliary = firstExamples(splits.test, 800);
  });

  /** Mean PSNR over the victims. */
  async function leakage(victim: Model, releases = 1, own = auxiliary): Promise<number> {
    const options = withDefaults(inverseNetwork, { victims: victims.size, auxiliary: own.size, releases, epochs: 4 });
    const attack = inverseNetwork.create(options, 'main-server') as Attack<'main-server', 'clientParams' | 'auxiliary'>;
    const batches = Array.from({ length: victims.size }, (_, i) => [i]);
    const scene = { model: victim, cut: 2, view: 'main-server', data: victims, batches, releases, seed: 4 } as const;
    const { observations, knowledge, images } = await observe({ ...scene, auxiliary: own });
    const results = await attack.run(observations, knowledge, { rng: seededRng(5), progress: () => {} });
    return mean(images.map(({ data }, i) => psnr(data, results[i]?.images?.data as Float32Array)));
  }

  /** Mean PSNR of the mean image of the attacker's own examples. */
  function guess(): number {
    const { data } = imagesOf(auxiliary);
    const meanImage = new Float32Array(784);
    data.forEach((value, i) => {
      meanImage[i % 784] = (meanImage[i % 784] as number) + value / auxiliary.size;
    });
    const originals = imagesOf(victims).data;
    return mean(
      Array.from({ length: victims.size }, (_, i) => psnr(originals.subarray(i * 784, (i + 1) * 784), meanImage)),
    );
  }

  it('beats guessing undefended, does worse behind noise, and better on the mean of ten releases', async () => {
    const noisy = behindNoise(1);
    const [open, one, ten] = [await leakage(model()), await leakage(noisy), await leakage(noisy, 10)];
    const control = guess();
    expect(control).to.be.within(11, 14);
    expect(open).to.be.above(control + 5);
    expect(one).to.be.below(open - 2);
    expect(one).to.be.above(control); // a decoder trained without the noise falls below
    expect(ten).to.be.above(one + 1); // as low if only the first release were decoded
  });

  it('is no better than guessing where its own examples say nothing of the victims', async () => {
    const pixels = Float32Array.from({ length: 100 * 784 }, () => 0.5);
    const gray = { ...firstExamples(auxiliary, 100), pixels };
    expect(await leakage(model(), 1, gray)).to.be.below(guess()); // better if victims leaked into its training
  });

  it('takes fewer examples of its own than fit a batch', async () => {
    expect(await leakage(model(), 1, firstExamples(auxiliary, 7))).to.satisfy(Number.isFinite);
  });
});
