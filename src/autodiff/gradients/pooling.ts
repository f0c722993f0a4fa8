/**
 * Pooling. Both gradients are linear in dy, so the gradient of the gradient is the pooling of what comes back: the mean, or
 * the value that stands where the maximum stood. At a tie the first entry of the window counts, in all orders.
 */

import { type Tensor, tf } from '../../compile/tf.ts';
import { type Attributes, runKernel, stopGradient } from '../kernel.ts';
import { type Window, windowOf, windowSlices } from '../windows.ts';
import { fromInput, type GradientConfig } from './rule.ts';

const geometry = ({ filterSize, strides, pad, dimRoundingMode }: Attributes): Attributes => ({
  filterSize,
  strides,
  pad,
  dimRoundingMode,
});

/** The gradient reaches dy only: where the maximum stands does not move. */
const maxPool: GradientConfig = {
  kernelName: 'MaxPool',
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attributes) => ({
    x: () => maxPoolGradient(dy as Tensor, [stopGradient(x), stopGradient(y)], attributes),
  }),
};

const maxPoolGrad: GradientConfig = {
  kernelName: 'MaxPoolGrad',
  inputsToSave: ['input', 'output'],
  gradFunc: (ddx, [input, output], attributes) => ({
    dy: () => pickAtMaximum(ddx as Tensor, [input, output], attributes),
    input: () => tf.zerosLike(input),
    output: () => tf.zerosLike(output),
  }),
};

type Pooled = readonly [input: Tensor, output: Tensor];

function maxPoolGradient(dy: Tensor, [input, output]: Pooled, attributes: Attributes): Tensor {
  return runKernel('MaxPoolGrad', { dy, input, output }, geometry(attributes));
}

/** From every window the entry of `values` that stands where `input` is largest; `values` has the shape of `input`. */
function pickAtMaximum(values: Tensor, [input, output]: Pooled, attributes: Attributes): Tensor {
  const pick = tf.customGrad((v, save) => {
    (save as (tensors: Tensor[]) => void)([input, output]);
    return {
      value: tournament(v as Tensor, input, windowOf(input.shape, attributes)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => maxPoolGradient(dy, saved as unknown as Pooled, attributes),
    };
  });
  return pick(values);
}

/** Entry after entry of the window challenges the champion so far, and must be strictly larger to replace it. */
function tournament(values: Tensor, x: Tensor, window: Window): Tensor {
  const contestants = windowSlices(x, window, Number.NEGATIVE_INFINITY);
  const prizes = windowSlices(values, window, 0);
  let [best, prize] = [contestants[0] as Tensor, prizes[0] as Tensor];
  for (const [index, challenger] of contestants.entries()) {
    if (index === 0) continue;
    const wins = tf.greater(challenger, best);
    best = tf.where(wins, challenger, best);
    prize = tf.where(wins, prizes[index] as Tensor, prize);
  }
  return prize;
}

/** TensorFlow.js divides by the whole window even where part of it lies in the padding; the mean does not. */
const avgPool = fromInput('AvgPool', (dy, x, attributes) =>
  runKernel('AvgPoolGrad', { dy: overPresent(dy, windowOf(x.shape, attributes)), input: x }, geometry(attributes)),
);

/** AvgPoolGrad divides by the whole window, so its adjoint is the mean with padding counted as zeros. */
const avgPoolGrad: GradientConfig = {
  kernelName: 'AvgPoolGrad',
  inputsToSave: ['input'],
  gradFunc: (ddx, [input], attributes) => ({
    dy: () => {
      const mean = runKernel('AvgPool', { x: ddx as Tensor }, geometry(attributes));
      return overPresent(mean, windowOf(input.shape, attributes), -1);
    },
    input: () => tf.zerosLike(input),
  }),
};

/** `pooled` times (window size ÷ number of its entries that are not padding) to the power ±1. */
function overPresent(pooled: Tensor, window: Window, power: 1 | -1 = 1): Tensor {
  const { top, bottom, left, right } = window.pad;
  if (top + bottom + left + right === 0) return pooled;
  const share = present(window).map((count) => (window.height * window.width) / count);
  const factor = power === 1 ? share : share.map((value) => 1 / value);
  return tf.mul(pooled, tf.tensor(factor, [1, window.outHeight, window.outWidth, 1]));
}

/** Of every window, row by row, how many entries are not padding. */
function present(window: Window): number[] {
  const rows = overlaps(window.outHeight, window.strideHeight, [window.height, window.pad.top, window.inHeight]);
  const columns = overlaps(window.outWidth, window.strideWidth, [window.width, window.pad.left, window.inWidth]);
  return rows.flatMap((row) => columns.map((column) => row * column));
}

function overlaps(count: number, stride: number, [size, pad, length]: readonly [number, number, number]): number[] {
  return Array.from({ length: count }, (_, index) => {
    const start = index * stride - pad;
    return Math.min(start + size, length) - Math.max(start, 0);
  });
}

export const pooling: readonly GradientConfig[] = [maxPool, maxPoolGrad, avgPool, avgPoolGrad];
