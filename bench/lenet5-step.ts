/** A training step of LeNet-5 (ReLU, max-pool): forward, loss, backward and SGD, parameters in and out. */

import { seededRng } from '../src/arrays/rng.ts';
import { valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { Tensors } from '../src/contracts/array.ts';
import type { Weights } from '../src/contracts/model.ts';
import { models } from '../src/models/index.ts';
import { meanCrossEntropy } from '../src/models/losses.ts';
import { applyLayers, initWeights } from '../src/models/network.ts';
import { sgd } from '../src/models/optimizers.ts';
import type { Benchmark } from './bench.ts';
import { randomBatch } from './random-batch.ts';

export function lenet5Step(batch: number): Benchmark {
  return {
    name: `lenet5-step-${batch}`,
    summary: `training step of LeNet-5, batch ${batch}, SGD`,
    threads: 1,
    iterations: batch > 100 ? 4 : 12,
    async prepare() {
      const entry = models.find((candidate) => candidate.name === 'lenet5');
      if (!entry) throw new Error('the zoo has no lenet5');
      const model = entry.build({ inputShape: [28, 28, 1], classes: 10 });
      const optimizer = sgd();
      let weights = initWeights(model, seededRng(1));
      const step = compile('lenet5 step', ({ state, x, y }: { state: Tensors<Weights>; x: Tensor; y: Tensor }) => {
        const { value, gradient } = valueAndGrad((params) => {
          const { output } = applyLayers(model.layers, { ...state, params }, x, { training: true });
          return meanCrossEntropy(output, y);
        }, state.params);
        const none = { moments: [], counts: [] };
        return { loss: value, params: optimizer.update(state.params, gradient, none, tf.scalar(0.01)).params };
      });
      const { x, y } = randomBatch(batch, [28, 28, 1], 10);
      const run = async () => {
        const { loss, params } = await step({ state: weights, x, y });
        weights = { ...weights, params };
        return loss;
      };
      await run();
      return run;
    },
  };
}
