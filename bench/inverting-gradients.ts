/**
 * The closure of Inverting Gradients (Geiping et al. 2020): 1 − cos(∇W′, ∇W) + 0.01 · TV(x) and its gradient with respect to the
 * image; ResNet-20 with fixed statistics, label known.
 */

import { grad, valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import { meanCrossEntropy } from '../src/models/losses.ts';
import type { Benchmark } from './bench.ts';
import { type ResNetWeights, resnet20, resnetForward, resnetWeights } from './networks/resnet.ts';
import { batchOf, centred, norm } from './values.ts';

interface ClosureInputs {
  readonly weights: ResNetWeights;
  readonly observed: readonly NdArray[];
  readonly image: NdArray;
  readonly label: NdArray;
}

export const invertingGradients: Benchmark = {
  name: 'inverting-gradients-resnet20',
  summary: "inverting gradients' closure (cosine and total variation), ResNet-20, batch 1",
  threads: 1,
  iterations: 12,
  targets: { pytorch: 0.5, jax: 0.7 },
  async prepare() {
    const weights = resnetWeights(resnet20);
    const observe = compile('observed gradient', (t: { weights: Tensors<ResNetWeights>; x: Tensor; y: Tensor }) =>
      gradientOf(t.weights, t.x, t.y),
    );
    const closure = compile(
      'inverting gradients',
      (t: Tensors<ClosureInputs>) =>
        valueAndGrad((image) => {
          const mismatch = tf.sub(1, cosine(gradientOf(t.weights, image, t.label), t.observed));
          return tf.add(mismatch, tf.mul(0.01, totalVariation(image)));
        }, t.image),
      { constants: ['weights', 'observed', 'label'] },
    );
    const { x, y: label } = batchOf(1, [32, 32, 3]);
    const observed = await observe({ weights, x, y: label });
    const image = centred(x.shape, 2000, 1);
    const iterate = () => closure({ weights, observed, image, label });
    return {
      iterate,
      check: async () => {
        const { value, gradient } = await iterate();
        return [value.data[0], norm(gradient)];
      },
    };
  },
};

function gradientOf(weights: Tensors<ResNetWeights>, x: Tensor, y: Tensor): readonly Tensor[] {
  return grad((params: readonly Tensor[]) => {
    const { output } = resnetForward(resnet20, { ...weights, params }, { x, training: false });
    return meanCrossEntropy(output, y);
  }, weights.params);
}

/** Of all parameters together. */
function cosine(a: readonly Tensor[], b: readonly Tensor[]): Tensor {
  const total = (terms: readonly Tensor[]) =>
    terms.map((term) => tf.sum(term)).reduce((sum, term) => tf.add(sum, term));
  const squared = (list: readonly Tensor[]) => total(list.map((array) => tf.square(array)));
  const product = total(a.map((array, index) => tf.mul(array, b[index])));
  return tf.div(product, tf.mul(tf.sqrt(squared(a)), tf.sqrt(squared(b))));
}

/** The mean absolute difference of neighbours, vertical plus horizontal. */
function totalVariation(images: Tensor): Tensor {
  const [, height, width, channels] = images.shape;
  const part = (row: number, column: number, size: number[]) =>
    tf.slice(images, [0, row, column, 0], [-1, ...size, channels]);
  const steps = (a: Tensor, b: Tensor) => tf.mean(tf.abs(tf.sub(a, b)));
  return tf.add(
    steps(part(1, 0, [height - 1, width]), part(0, 0, [height - 1, width])),
    steps(part(0, 1, [height, width - 1]), part(0, 0, [height, width - 1])),
  );
}
