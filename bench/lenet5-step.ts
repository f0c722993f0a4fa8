/** A training step of LeNet-5 (ReLU, max-pool) as the trainers take it: forward, loss, backward and SGD, parameters in and out. */

import type { Benchmark } from './bench.ts';
import { digitsModel } from './networks/named.ts';
import { centralStep, centralTraining, lossesOf } from './training-loop.ts';

export function lenet5Step(batch: number, { threads, targets }: Pick<Benchmark, 'threads' | 'targets'>): Benchmark {
  return {
    name: `lenet5-step-${batch}${threads > 1 ? `-${threads}threads` : ''}`,
    summary: `training step of LeNet-5, batch ${batch}, SGD`,
    threads,
    iterations: batch > 100 ? 12 : 40,
    targets,
    async prepare() {
      const [iterate] = lenet5Trainings(batch, 1);
      return { iterate, check: () => lossesOf(iterate) };
    },
  };
}

/** Steps of trainings that go on from call to call, all by the same compiled functions. */
export function lenet5Trainings(batch: number, count: number): (() => Promise<number>)[] {
  const model = digitsModel('lenet5');
  const step = centralStep(model, { learningRate: 0.01, privacy: undefined });
  return Array.from({ length: count }, () => {
    const take = centralTraining(step, model, batch);
    return () => take();
  });
}
