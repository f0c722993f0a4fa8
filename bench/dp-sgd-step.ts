/** A step of DP-SGD on the whole of LeNet-5 as the trainers take it: per-example clipping, Gaussian noise, SGD. */

import { full, zeros } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { mapArrays } from '../src/arrays/tree.ts';
import type { Params } from '../src/contracts/model.ts';
import { initWeights } from '../src/models/network.ts';
import { sgd } from '../src/models/optimizers.ts';
import { type Parties, trainingStep } from '../src/training/step.ts';
import { partsOf } from '../src/training/task.ts';
import { drawGradientNoise } from '../src/training/update.ts';
import type { Benchmark } from './bench.ts';
import { digitsModel } from './networks/named.ts';
import { batchOf, filled } from './values.ts';

const rule = { clipNorm: 1, noiseMultiplier: 1.3 };

export function dpSgdStep(batch: number): Benchmark {
  return {
    name: `dp-sgd-step-${batch}`,
    summary: `step of DP-SGD (per-example clipping and noise), LeNet-5, batch ${batch}; the peer's is Opacus where it is PyTorch`,
    threads: 1,
    iterations: batch > 100 ? 3 : 8,
    targets: { pytorch: 0.3, jax: 0.5 },
    async prepare() {
      const model = digitsModel('lenet5');
      const parts = partsOf(model, model.layers.length);
      const privacy = { rule, normaliser: batch };
      const step = trainingStep({ ...parts, optimizer: sgd(), learningRate: 0.05, privacy, mode: 'fused' });
      const { params, state } = initWeights(model, seededRng(1));
      const { x, y } = batchOf(batch, model.inputShape);
      const noises = model.layers.map(() => undefined);
      const microbatch = {
        examples: batch,
        x,
        y,
        share: full([batch], 1 / batch),
        clientNoise: noises,
        serverNoise: [],
      };
      const optimizer = { moments: [], counts: [] };
      let parties: Parties = {
        client: { weights: { params: filled(params), state }, optimizer },
        server: { weights: { params: [], state: [] }, optimizer },
      };
      const take = async (gradientNoise: Params) => {
        const result = await step(parties, { microbatches: [microbatch], gradientNoise }, silent);
        parties = result.parties;
        return result.loss;
      };
      const rng = seededRng(3);
      let count = 0;
      return {
        iterate: () => take(drawGradientNoise(params, rng.fork(`step-${count++}`))),
        check: async () => {
          const none = mapArrays(params, ({ shape }) => zeros(shape));
          return [await take(none), await take(none), await take(none)];
        },
      };
    },
  };
}

const silent = () => ({ smashedData: <T>(sent: T) => sent, cutGradient: <T>(sent: T) => sent });
