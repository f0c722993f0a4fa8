/** An iteration of `gan-inversion`'s quick preset on one gradient of LeNet-Zhu: objective, gradient and Adam. */

import { generated } from '../attacks/matching/candidates.ts';
import { descent } from '../attacks/matching/search.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { LayerArrays } from '../src/contracts/model.ts';
import { latent } from '../src/models/generators/index.ts';
import { initWeights } from '../src/models/network.ts';
import { adam } from '../src/models/optimizers.ts';
import type { Benchmark } from './bench.ts';
import { matchingOf, observer } from './matching.ts';
import { digitsModel } from './networks/named.ts';
import { batchOf, centred, filled } from './values.ts';

const iterationsAtOnce = 10;

export const ganInversion: Benchmark = {
  name: 'gan-inversion-1',
  summary: "an iteration of gan-inversion's quick preset, LeNet-Zhu, batch 1",
  threads: 1,
  iterations: 12,
  parts: iterationsAtOnce,
  targets: { pytorch: 0.3 },
  async prepare() {
    const model = digitsModel('lenet-zhu');
    const { params: drawn, state } = initWeights(model, seededRng(1));
    const params = filled(drawn);
    const observe = observer(model);
    const gradient = await observe({ weights: { params, state }, ...batchOf(1, model.inputShape) });
    const matching = await matchingOf(model, generated(latent, model));
    const train = descent(matching, adam());
    const { unknowns, given } = matching.start(
      { params, gradient, labels: undefined },
      { batch: 1, rng: seededRng(2) },
    );
    const start = {
      given,
      unknowns: { ...unknowns, images: filledGenerator(unknowns.images), labels: filled(unknowns.labels) },
    };
    const run = (iterations: number) =>
      train(start, { iterations, learningRate: () => 0.1, batch: 1, rng: seededRng(3) });
    return {
      iterate: () => run(iterationsAtOnce),
      check: async () => [(await run(1)).objective, (await run(3)).objective],
    };
  },
};

/** Kernels and offsets as everywhere; the latent small and γ around 1, as they start in the attack. */
function filledGenerator(images: LayerArrays): LayerArrays {
  const { latent: start, ...rest } = filled(images);
  const params = Object.entries(rest).map(([name, array]) =>
    name.startsWith('gamma') ? [name, { ...array, data: array.data.map((value) => 1 + value) }] : [name, array],
  );
  return { latent: centred(start.shape, 1, 0.03), ...Object.fromEntries(params) };
}
