/**
 * The closure of deep leakage (Zhu et al. 2019) on its own victim: the squared distance of the gradient that a candidate image
 * and label make from the observed one, and its gradient with respect to both.
 */

import { ndarray } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { grad, valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { Tensors } from '../src/contracts/array.ts';
import type { Params, Weights } from '../src/contracts/model.ts';
import { models } from '../src/models/index.ts';
import { meanCrossEntropy } from '../src/models/losses.ts';
import { applyLayers, initWeights } from '../src/models/network.ts';
import type { Benchmark } from './bench.ts';
import { randomBatch } from './random-batch.ts';

export function deepLeakage(batch: number): Benchmark {
  return {
    name: `deep-leakage-${batch}`,
    summary: `deep leakage's closure (gradient of a gradient), LeNet-Zhu, batch ${batch}`,
    threads: 1,
    iterations: batch > 1 ? 20 : 60,
    async prepare() {
      const entry = models.find((candidate) => candidate.name === 'lenet-zhu');
      if (!entry) throw new Error('the zoo has no lenet-zhu');
      const model = entry.build({ inputShape: [28, 28, 1], classes: 10 });
      const weights = initWeights(model, seededRng(1));
      const gradientOf = (given: Tensors<Weights>, x: Tensor, y: Tensor) =>
        grad((params: Tensors<Params>) => {
          const { output } = applyLayers(model.layers, { ...given, params }, x, { training: true });
          return meanCrossEntropy(output, y);
        }, given.params);
      const observe = compile('observed gradient', (t: { weights: Tensors<Weights>; x: Tensor; y: Tensor }) =>
        gradientOf(t.weights, t.x, t.y),
      );
      const closure = compile('deep leakage', (t: Tensors<ClosureInputs>) =>
        valueAndGrad(
          ({ image, label }) => squaredDistance(gradientOf(t.weights, image, tf.softmax(label)), t.observed),
          { image: t.image, label: t.label },
        ),
      );
      const { x, y } = randomBatch(batch, model.inputShape, model.classes);
      const observed = await observe({ weights, x, y });
      const rng = seededRng(2);
      const image = ndarray(x.shape, rng.normal(x.data.length));
      const label = ndarray(y.shape, rng.fork('label').normal(y.data.length));
      const run = () => closure({ weights, observed, image, label });
      await run();
      return run;
    },
  };
}

interface ClosureInputs {
  readonly weights: Weights;
  readonly observed: Params;
  readonly image: ReturnType<typeof ndarray>;
  readonly label: ReturnType<typeof ndarray>;
}

/** ‖∇W′ − ∇W‖² over all parameters. */
function squaredDistance(gradient: Tensors<Params>, observed: Tensors<Params>): Tensor {
  return gradient
    .flatMap((layer, index) =>
      Object.entries(layer).map(([name, g]) => tf.sum(tf.square(tf.sub(g, observed[index]?.[name] as Tensor)))),
    )
    .reduce((sum, term) => tf.add(sum, term));
}
