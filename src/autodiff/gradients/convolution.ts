/**
 * Convolutions, their input gradients and their filter gradients: each is linear in two of the three tensors, so the three
 * are closed under differentiation. The same holds for a resizing and its gradient.
 */

import { type Tensor, tf } from '../../compile/tf.ts';
import { type Attributes, runKernel } from '../kernel.ts';
import type { GradientConfig } from './rule.ts';

interface Kernels {
  readonly forward: string;
  readonly toInput: string;
  readonly toFilter: string;
}

const geometry = ({ strides, pad, dataFormat, dilations, dimRoundingMode }: Attributes): Attributes => ({
  strides,
  pad,
  dataFormat,
  dilations: dilations ?? [1, 1],
  dimRoundingMode,
});

function closed({ forward, toInput, toFilter }: Kernels): readonly GradientConfig[] {
  const convolve = (x: Tensor, filter: Tensor, attributes: Attributes) =>
    runKernel(forward, { x, filter }, geometry(attributes));
  const inputGradient = (dy: Tensor, filter: Tensor, given: { attributes: Attributes; like: Tensor }) =>
    runKernel(toInput, { dy, filter }, { ...geometry(given.attributes), inputShape: given.like.shape });
  const filterGradient = (x: Tensor, dy: Tensor, given: { attributes: Attributes; like: Tensor }) =>
    runKernel(toFilter, { x, dy }, { ...geometry(given.attributes), filterShape: given.like.shape });
  return [
    {
      kernelName: forward,
      inputsToSave: ['x', 'filter'],
      gradFunc: (dy, [x, filter], attributes) => {
        requireDense(forward, attributes);
        return {
          x: () => inputGradient(dy as Tensor, filter, { attributes, like: x }),
          filter: () => filterGradient(x, dy as Tensor, { attributes, like: filter }),
        };
      },
    },
    {
      kernelName: toInput,
      inputsToSave: ['dy', 'filter'],
      gradFunc: (ddx, [dy, filter], attributes) => ({
        dy: () => convolve(ddx as Tensor, filter, attributes),
        filter: () => filterGradient(ddx as Tensor, dy, { attributes, like: filter }),
      }),
    },
    {
      kernelName: toFilter,
      inputsToSave: ['x', 'dy'],
      gradFunc: (ddw, [x, dy], attributes) => ({
        x: () => inputGradient(dy, ddw as Tensor, { attributes, like: x }),
        dy: () => convolve(x, ddw as Tensor, attributes),
      }),
    },
  ];
}

/** The gradient kernels of TensorFlow.js take no heed of dilations. */
function requireDense(kernel: string, { dilations }: Attributes): void {
  if (tf.backend_util.tupleValuesAreOne((dilations ?? 1) as number[])) return;
  throw new RangeError(`the gradient of ${kernel} needs dilations 1, but they are ${dilations}.`);
}

/** Resizing is linear, so the gradient of its gradient is the resizing of what comes back. */
function resizing(forward: string, gradient: string): GradientConfig {
  return {
    kernelName: gradient,
    inputsToSave: ['dy', 'images'],
    gradFunc: (ddx, [dy, images], { alignCorners }) => ({
      dy: () => {
        const size = dy.shape.slice(1, 3);
        return runKernel(forward, { images: ddx as Tensor }, { size, alignCorners, halfPixelCenters: false });
      },
      images: () => tf.zerosLike(images),
    }),
  };
}

export const convolution: readonly GradientConfig[] = [
  ...closed({
    forward: 'Conv2D',
    toInput: 'Conv2DBackpropInput',
    toFilter: 'Conv2DBackpropFilter',
  }),
  ...closed({
    forward: 'DepthwiseConv2dNative',
    toInput: 'DepthwiseConv2dNativeBackpropInput',
    toFilter: 'DepthwiseConv2dNativeBackpropFilter',
  }),
  resizing('ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'),
  resizing('ResizeBilinear', 'ResizeBilinearGrad'),
];
