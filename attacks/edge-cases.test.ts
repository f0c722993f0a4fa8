import { expect } from 'chai';
import { seededRng } from '../src/arrays/rng.ts';
import type { AttackOnView, ViewName } from '../src/contracts/attack.ts';
import type { GradientRule } from '../src/contracts/defense.ts';
import type { Layer, Model } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { imagesOf } from '../src/data/batches.ts';
import { meanSquaredError } from '../src/metrics/index.ts';
import { batchNorm, conv2d, dense, dropout, flatten, silu } from '../src/models/layers/index.ts';
import { observe } from '../src/training/testing/observed.ts';
import { blobs, smallModel } from '../src/training/testing/small-task.ts';
import { deepLeakage } from './deep-leakage.ts';
import { ganInversion } from './gan-inversion.ts';
import { attacks } from './index.ts';
import { withDefaults } from './testing/defaults.ts';

const withLayer = (middle: Layer): Model => ({
  ...smallModel(),
  layers: [conv2d({ filters: 4, kernel: 3, stride: 2 }), middle, silu(), flatten(), dense({ units: 3 })],
});

interface Victim {
  readonly model?: Model;
  readonly gradientRule?: GradientRule;
}

const victims: Readonly<Record<string, Victim>> = {
  'with dropout': { model: withLayer(dropout({ rate: 0.2 })) },
  'with batch normalization': { model: withLayer(batchNorm()) },
  'with clipped gradients': { gradientRule: { clipNorm: 0.05, noiseMultiplier: 0 } },
  'with clipped, noisy gradients': { gradientRule: { clipNorm: 0.05, noiseMultiplier: 0.01 } },
};

describe('gradient attacks on unusual victims', () => {
  for (const entry of [ganInversion, deepLeakage]) {
    /** The objectives reached for a batch of 4 and a smaller last one of 2. */
    async function objectives({ model = smallModel(), gradientRule }: Victim, options: OptionValues) {
      const rule = gradientRule && { gradientRule };
      const batches = [
        [0, 1, 2, 3],
        [4, 5],
      ];
      const seen = await observe<ViewName>({
        model,
        cut: 3,
        view: 'servers',
        data: blobs(8, 'train'),
        batches,
        ...rule,
      });
      const all = withDefaults(entry, { batch: 4, restarts: 1, tv: 0, ...options });
      const attack = entry.create(all, 'servers') as AttackOnView<ViewName>;
      const tools = { rng: seededRng(2), progress: () => {} };
      return (await attack.run(seen.observations, seen.knowledge, tools)).map(({ objective }) => objective);
    }

    for (const [name, victim] of Object.entries(victims)) {
      it(`${entry.name} approaches the gradient of a client ${name}, in batches of 4 and 2`, async () => {
        const [start, end] = [
          await objectives(victim, { iterations: 1 }),
          await objectives(victim, { iterations: 60 }),
        ];
        end.forEach((objective, i) => {
          expect(objective).to.be.below(0.7 * (start[i] as number)); // as high if the gradient were of another network
        });
      });
    }
  }
});

describe('the inverse network on unusual victims', () => {
  for (const [name, layer] of [
    ['dropout', dropout({ rate: 0.2 })],
    ['batch normalization', batchNorm()],
  ] as const) {
    it(`beats the mean image behind ${name}`, async () => {
      const entry = attacks.find((candidate) => candidate.name === 'inverse-network');
      const [data, auxiliary] = [blobs(10, 'train'), blobs(300, 'test')];
      const batches = Array.from({ length: 10 }, (_, i) => [i]);
      const scene = { model: withLayer(layer), cut: 3, view: 'main-server', data, auxiliary, batches } as const;
      const { observations, knowledge, images } = await observe<ViewName>(scene);
      const own = { auxiliary: 300, epochs: 15, batchSize: 20 };
      const attack = entry?.create(withDefaults(entry, own), 'main-server') as AttackOnView<ViewName>;
      const results = await attack.run(observations, knowledge, { rng: seededRng(3), progress: () => {} });
      const meanImage = meanOfRows(imagesOf(auxiliary).data, 64);
      const error = (guess: (i: number) => Float32Array) =>
        images.reduce((sum, image, i) => sum + meanSquaredError(image.data, guess(i)) / images.length, 0);
      const reached = error((i) => results[i]?.images?.data as Float32Array);
      expect(reached).to.be.below(0.7 * error(() => meanImage));
    });
  }
});

function meanOfRows(values: Float32Array, length: number): Float32Array {
  const mean = new Float32Array(length);
  values.forEach((value, i) => {
    mean[i % length] = (mean[i % length] as number) + (value * length) / values.length;
  });
  return mean;
}
