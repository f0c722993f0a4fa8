/**
 * Convolution, its input gradient and its filter gradient: each is linear in two of the three tensors, so the three are
 * closed under differentiation.
 */

import { type Tensor, tf } from '../../compile/tf.ts';
import { type Attributes, runKernel } from '../kernel.ts';
import type { GradientConfig } from './rule.ts';

const geometry = ({ strides, pad, dataFormat, dimRoundingMode }: Attributes): Attributes => ({
  strides,
  pad,
  dataFormat,
  dimRoundingMode,
});

function forward(x: Tensor, filter: Tensor, attributes: Attributes): Tensor {
  return runKernel('Conv2D', { x, filter }, { ...geometry(attributes), dilations: [1, 1] });
}

function toInput(dy: Tensor, filter: Tensor, inputShape: readonly number[], attributes: Attributes): Tensor {
  return runKernel('Conv2DBackpropInput', { dy, filter }, { ...geometry(attributes), inputShape });
}

function toFilter(x: Tensor, dy: Tensor, filterShape: readonly number[], attributes: Attributes): Tensor {
  return runKernel('Conv2DBackpropFilter', { x, dy }, { ...geometry(attributes), filterShape });
}

const conv2d: GradientConfig = {
  kernelName: 'Conv2D',
  inputsToSave: ['x', 'filter'],
  gradFunc: (dy, [x, filter], attributes) => {
    const { dilations } = attributes;
    if (!tf.backend_util.tupleValuesAreOne(dilations as number[])) {
      throw new RangeError(`the gradient of conv2d needs dilations 1, but they are ${dilations}.`);
    }
    return {
      x: () => toInput(dy as Tensor, filter, x.shape, attributes),
      filter: () => toFilter(x, dy as Tensor, filter.shape, attributes),
    };
  },
};

const conv2dBackpropInput: GradientConfig = {
  kernelName: 'Conv2DBackpropInput',
  inputsToSave: ['dy', 'filter'],
  gradFunc: (ddx, [dy, filter], attributes) => ({
    dy: () => forward(ddx as Tensor, filter, attributes),
    filter: () => toFilter(ddx as Tensor, dy, filter.shape, attributes),
  }),
};

const conv2dBackpropFilter: GradientConfig = {
  kernelName: 'Conv2DBackpropFilter',
  inputsToSave: ['x', 'dy'],
  gradFunc: (ddw, [x, dy], attributes) => ({
    x: () => toInput(dy, ddw as Tensor, x.shape, attributes),
    dy: () => forward(x, ddw as Tensor, attributes),
  }),
};

export const convolution: readonly GradientConfig[] = [conv2d, conv2dBackpropInput, conv2dBackpropFilter];
