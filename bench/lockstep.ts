/** `bench lockstep`: victims and clients as lanes of one graph, beside one after the other: what decision 0005 was made by. */

import { generated, pixels } from '../attacks/matching/candidates.ts';
import { descent } from '../attacks/matching/search.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { useEngine } from '../src/compile/engine.ts';
import { inLockstep } from '../src/compile/lockstep.ts';
import type { Model } from '../src/contracts/model.ts';
import { latent } from '../src/models/generators/index.ts';
import { initWeights } from '../src/models/network.ts';
import { adam } from '../src/models/optimizers.ts';
import type { BenchmarkEntry } from './bench.ts';
import { costOf } from './cost.ts';
import { lenet5Trainings } from './lenet5-step.ts';
import { matchingOf, observer } from './matching.ts';
import { beside, inTurns } from './measure.ts';
import { digitsModel } from './networks/named.ts';
import { batchOf, centred } from './values.ts';

interface Work {
  readonly name: string;
  /** Of each task. */
  readonly steps: number;
  readonly tasks: () => Promise<readonly Task[]>;
}

type Task = () => Promise<unknown>;

const victims = 8;
const stepsOfSearch = 20;
const clients = 5;

const works: readonly Work[] = [
  ...(['generator', 'pixels'] as const).flatMap((candidate) =>
    ['strided', 'lenet-zhu', 'lenet5'].map((model) => ({
      name: `${candidate} ${model}, ${victims} victims`,
      steps: stepsOfSearch,
      tasks: () => searches(candidate, digitsModel(model)),
    })),
  ),
  ...[16, 64].map((batch) => ({
    name: `training lenet5, ${clients} clients, batch ${batch}`,
    steps: 1,
    tasks: async () => lenet5Trainings(batch, clients),
  })),
];

export const lockstep: BenchmarkEntry = {
  name: 'lockstep',
  summary: 'victims and clients as lanes of one graph, beside one after the other; per task and step',
  onRequest: true,
  run: async ({ onRow }) => {
    await useEngine('onnx', { threads: 1 });
    for (const { name, steps, tasks } of works) {
      const own = await tasks();
      const sides = [() => inLockstep(own), () => oneByOne(own)].map((run) => ({
        round: () => costOf(run, own.length * steps, 1),
      }));
      const { oursPeakMb: _, peerPeakMb: __, ...times } = beside(await inTurns(sides)); // of both, in one process
      onRow({ name, threads: 1, peer: 'one by one', peerVersion: 'ours', ...times });
    }
  },
};

/** Adam on what is searched for, from a start of each victim's own. */
async function searches(candidate: 'generator' | 'pixels', model: Model): Promise<Task[]> {
  const weights = initWeights(model, seededRng(1));
  const observe = observer(model);
  const matching = await matchingOf(model, candidate === 'generator' ? generated(latent, model) : pixels(model));
  const search = descent(matching, adam());
  return Promise.all(
    Array.from({ length: victims }, async (_, victim) => {
      const { x, y } = batchOf(1, model.inputShape);
      const gradient = await observe({ weights, x: centred(x.shape, 10 + victim, 1), y });
      const seen = { params: weights.params, gradient, labels: undefined };
      const start = matching.start(seen, { batch: 1, rng: seededRng(victim) });
      const plan = { iterations: stepsOfSearch, learningRate: () => 0.05, batch: 1 };
      return () => search(start, { ...plan, rng: seededRng(victim) });
    }),
  );
}

async function oneByOne(tasks: readonly Task[]): Promise<void> {
  for (const task of tasks) await task();
}
