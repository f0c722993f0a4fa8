/**
 * The closure of deep leakage (Zhu et al. 2019) on its own victim: the squared distance of the gradient that a candidate image
 * and label make from the observed one, and its gradient with respect to both.
 */

import { seededRng } from '../src/arrays/rng.ts';
import { valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { inLockstep } from '../src/compile/lockstep.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type { Params, Weights } from '../src/contracts/model.ts';
import { initWeights } from '../src/models/network.ts';
import type { Benchmark, Prepared } from './bench.ts';
import { observer } from './matching.ts';
import { lossGradient } from './networks/loss-gradient.ts';
import { digitsModel } from './networks/named.ts';
import { batchOf, centred, filled, norm } from './values.ts';

export function deepLeakage(batch: number, targets: Benchmark['targets']): Benchmark {
  return {
    name: `deep-leakage-${batch}`,
    summary: `deep leakage's closure (gradient of a gradient), LeNet-Zhu, batch ${batch}`,
    threads: 1,
    iterations: batch > 1 ? 100 : 400,
    targets,
    prepare: async () => (await closuresOf(batch, 1))[0],
  };
}

/** Per victim and closure, in step as an attack inverts them: each victim has its own candidate and its own seen gradient. */
export const victims64: Benchmark = {
  name: 'deep-leakage-64-victims',
  summary: "deep leakage's closure for 64 independent victims, per victim",
  threads: 1,
  iterations: 32,
  parts: 64,
  targets: { pytorch: 0.075, jax: 0.4 },
  async prepare() {
    const victims = await closuresOf(1, 64);
    return { ...victims[0], iterate: () => inLockstep(victims.map(({ iterate }) => iterate)) };
  },
};

/** One for each victim, from the same compiled function; the first is the peer's. */
async function closuresOf(batch: number, victims: number): Promise<Prepared[]> {
  const model = digitsModel('lenet-zhu');
  const { params, state } = initWeights(model, seededRng(1));
  const weights = { params: filled(params), state };
  const gradientOf = lossGradient(model);
  const observe = observer(model);
  const closure = compile(
    'deep leakage',
    (t: Tensors<ClosureInputs>) =>
      valueAndGrad(({ image, label }) => squaredDistance(gradientOf(t.weights, image, tf.softmax(label)), t.observed), {
        image: t.image,
        label: t.label,
      }),
    { constants: ['weights', 'observed'] },
  );
  const { x, y } = batchOf(batch, model.inputShape);
  const prepared = async (_: unknown, victim: number): Promise<Prepared> => {
    const observed = await observe({ weights, x, y });
    const [image, label] = [centred(x.shape, 2000 + victim, 1), centred(y.shape, 3000 + victim, 1)];
    const iterate = () => closure({ weights, observed, image, label });
    return {
      iterate,
      check: async () => {
        const { value, gradient } = await iterate();
        return [value.data[0], norm(gradient.image), norm(gradient.label)];
      },
    };
  };
  return Promise.all(Array.from({ length: victims }, prepared));
}

interface ClosureInputs {
  readonly weights: Weights;
  readonly observed: Params;
  readonly image: NdArray;
  readonly label: NdArray;
}

/** ‖∇W′ − ∇W‖² over all parameters. */
function squaredDistance(gradient: Tensors<Params>, observed: Tensors<Params>): Tensor {
  return gradient
    .flatMap((layer, index) =>
      Object.entries(layer).map(([name, g]) => tf.sum(tf.square(tf.sub(g, observed[index]?.[name] as Tensor)))),
    )
    .reduce((sum, term) => tf.add(sum, term));
}
