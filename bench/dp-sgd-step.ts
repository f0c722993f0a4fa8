/** A step of DP-SGD on the whole of LeNet-5 as the trainers take it: per-example clipping, Gaussian noise, SGD. */

import { zeros } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { mapArrays } from '../src/arrays/tree.ts';
import { initWeights } from '../src/models/network.ts';
import { drawGradientNoise } from '../src/training/update.ts';
import type { Benchmark } from './bench.ts';
import { digitsModel } from './networks/named.ts';
import { centralStep, centralTraining, lossesOf } from './training-loop.ts';

const rule = { clipNorm: 1, noiseMultiplier: 1.3 };

export function dpSgdStep(batch: number): Benchmark {
  return {
    name: `dp-sgd-step-${batch}`,
    summary: `step of DP-SGD (per-example clipping and noise), LeNet-5, batch ${batch}; the peer's is Opacus where it is PyTorch`,
    threads: 1,
    iterations: batch > 100 ? 8 : 24,
    targets: { pytorch: 0.3, jax: 0.5 },
    async prepare() {
      const model = digitsModel('lenet5');
      const step = centralStep(model, { learningRate: 0.05, privacy: { rule, normaliser: batch } });
      const take = centralTraining(step, model, batch);
      const { params } = initWeights(model, seededRng(1));
      const none = mapArrays(params, ({ shape }) => zeros(shape));
      const rng = seededRng(3);
      let count = 0;
      return {
        iterate: () => take(drawGradientNoise(params, rng.fork(`step-${count++}`))),
        check: () => lossesOf(() => take(none)),
      };
    },
  };
}
