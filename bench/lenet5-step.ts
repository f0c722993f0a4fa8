/** A training step of LeNet-5 (ReLU, max-pool): forward, loss, backward and SGD, parameters in and out. */

import { seededRng } from '../src/arrays/rng.ts';
import { valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type { Weights } from '../src/contracts/model.ts';
import { meanCrossEntropy } from '../src/models/losses.ts';
import { applyLayers, initWeights } from '../src/models/network.ts';
import { sgd } from '../src/models/optimizers.ts';
import type { Benchmark } from './bench.ts';
import { digitsModel } from './networks/named.ts';
import { lossesOf } from './training-loop.ts';
import { batchOf, filled } from './values.ts';

export function lenet5Step(batch: number, { threads, targets }: Pick<Benchmark, 'threads' | 'targets'>): Benchmark {
  return {
    name: `lenet5-step-${batch}${threads > 1 ? `-${threads}threads` : ''}`,
    summary: `training step of LeNet-5, batch ${batch}, SGD`,
    threads,
    iterations: batch > 100 ? 4 : 12,
    targets,
    async prepare() {
      const [iterate] = lenet5Trainings(batch, 1);
      return { iterate, check: () => lossesOf(iterate) };
    },
  };
}

/** Steps of trainings that go on from call to call, all by the same compiled function. */
export function lenet5Trainings(batch: number, count: number): (() => Promise<NdArray>)[] {
  const model = digitsModel('lenet5');
  const optimizer = sgd();
  const { params, state } = initWeights(model, seededRng(1));
  const step = compile('lenet5 step', (inputs: { state: Tensors<Weights>; x: Tensor; y: Tensor }) => {
    const { value, gradient } = valueAndGrad((own) => {
      const { output } = applyLayers(model.layers, { ...inputs.state, params: own }, inputs.x, { training: true });
      return meanCrossEntropy(output, inputs.y);
    }, inputs.state.params);
    const none = { moments: [], counts: [] };
    const next = optimizer.update(inputs.state.params, gradient, none, tf.scalar(0.01));
    return { loss: value, params: next.params };
  });
  return Array.from({ length: count }, () => {
    const { x, y } = batchOf(batch, model.inputShape);
    let weights: Weights = { params: filled(params), state };
    return async () => {
      const { loss, params: next } = await step({ state: weights, x, y });
      weights = { ...weights, params: next };
      return loss;
    };
  });
}
