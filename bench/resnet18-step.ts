/** A training step of ResNet-18 in its CIFAR form, batch normalization in training mode. */

import { valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { Tensors } from '../src/contracts/array.ts';
import { meanCrossEntropy } from '../src/models/losses.ts';
import type { Benchmark } from './bench.ts';
import { type ResNetWeights, resnet18, resnetForward, resnetWeights } from './networks/resnet.ts';
import { lossesOf } from './training-loop.ts';
import { batchOf } from './values.ts';

const learningRate = 0.01;

export const resnet18Step: Benchmark = {
  name: 'resnet18-step-32',
  summary: 'training step of ResNet-18 (CIFAR form, batch normalization in training mode), batch 32, SGD',
  threads: 1,
  iterations: 1,
  targets: { pytorch: 1.2, jax: 0.8 },
  async prepare() {
    let weights = resnetWeights(resnet18);
    const step = compile('resnet18 step', (inputs: { weights: Tensors<ResNetWeights>; x: Tensor; y: Tensor }) => {
      const { state } = inputs.weights;
      const { value, gradient, aux } = valueAndGrad((params) => {
        const result = resnetForward(resnet18, { params, state }, { x: inputs.x, training: true });
        return { value: meanCrossEntropy(result.output, inputs.y), aux: result.state };
      }, inputs.weights.params);
      const params = inputs.weights.params.map((w, index) => tf.sub(w, tf.mul(learningRate, gradient[index])));
      return { loss: value, weights: { params, state: aux } };
    });
    const batch = batchOf(32, [32, 32, 3]);
    const iterate = async () => {
      const { loss, weights: next } = await step({ weights, ...batch });
      weights = next;
      return loss.data[0];
    };
    return { iterate, check: () => lossesOf(iterate) };
  },
};
