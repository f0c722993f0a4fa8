/** Residual networks in their CIFAR form (He et al. 2016): a 3×3 stem, stages of two-convolution blocks, a mean, a dense layer. */

import { full, ndarray, zeros } from '../../src/arrays/ndarray.ts';
import { type Tensor, type Tensor4D, tf } from '../../src/compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../src/contracts/array.ts';
import type { Layer, LayerArrays, LayerTensors } from '../../src/contracts/model.ts';
import { batchNorm } from '../../src/models/layers/index.ts';
import { filled } from '../values.ts';

export interface ResNet {
  /** Blocks of a stage. */
  readonly blocks: number;
  /** Channels of each stage. */
  readonly widths: readonly number[];
}

export const resnet18: ResNet = { blocks: 2, widths: [64, 128, 256, 512] };
export const resnet20: ResNet = { blocks: 3, widths: [16, 32, 64] };

const classes = 10;
const normalization: Layer = batchNorm();

export interface ResNetWeights {
  /** Kernels, and after each of a convolution its γ and β; last the dense kernel and its bias. */
  readonly params: readonly NdArray[];
  /** Running statistics of each normalization. */
  readonly state: readonly LayerArrays[];
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}

function blocksOf({ blocks, widths }: ResNet): Block[] {
  return widths.flatMap((to, stage) =>
    Array.from({ length: blocks }, (_, index) => ({
      from: index > 0 || stage === 0 ? to : widths[stage - 1],
      to,
      stride: index === 0 && stage > 0 ? 2 : 1,
    })),
  );
}

export function resnetWeights(network: ResNet): ResNetWeights {
  const kernels: Shape[] = [[3, 3, 3, network.widths[0]]];
  for (const { from, to, stride } of blocksOf(network)) {
    kernels.push([3, 3, from, to], [3, 3, to, to], ...(stride > 1 ? [[1, 1, from, to]] : []));
  }
  const shapes = kernels.flatMap((kernel) => [kernel, [kernel[3]], [kernel[3]]]);
  const last = network.widths[network.widths.length - 1];
  const params = filled([...shapes, [last, classes], [classes]].map((shape) => zeros(shape)));
  return {
    params: params.map((array, index) => (index % 3 === 1 && index < shapes.length ? aroundOne(array) : array)),
    state: kernels.map(([, , , channels]) => ({ mean: zeros([channels]), variance: full([channels], 1) })),
  };
}

function aroundOne({ shape, data }: NdArray): NdArray {
  return ndarray(
    shape,
    data.map((value) => 1 + value),
  );
}

/** Logits, and the running statistics after a pass in training mode. */
export function resnetForward(
  network: ResNet,
  { params, state }: Tensors<ResNetWeights>,
  { x, training }: { readonly x: Tensor; readonly training: boolean },
): { readonly output: Tensor; readonly state: readonly LayerTensors[] } {
  const next: LayerTensors[] = [];
  const convolved = (image: Tensor, stride: number, pad: number): Tensor => {
    const [kernel, gamma, beta] = params.slice(3 * next.length, 3 * next.length + 3);
    const convolution = tf.conv2d(image as Tensor4D, kernel as Tensor4D, stride, pad);
    const own = { state: state[next.length], noise: undefined, training, before: [] };
    const result = normalization.apply({ gamma, beta }, convolution, own);
    next.push(result.state);
    return result.output;
  };
  let image = tf.relu(convolved(x, 1, 1));
  for (const { stride } of blocksOf(network)) {
    const inner = convolved(tf.relu(convolved(image, stride, 1)), 1, 1);
    image = tf.relu(tf.add(inner, stride > 1 ? convolved(image, stride, 0) : image));
  }
  const [kernel, bias] = params.slice(-2);
  return { output: tf.add(tf.matMul(tf.mean(image, [1, 2]), kernel), bias), state: next };
}
