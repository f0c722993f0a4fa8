/** The windows of a convolution or pooling over `[batch, height, width, channels]`, as strided slices. */

import { type Tensor, tf } from '../compile/tf.ts';
import type { Attributes } from './kernel.ts';

export interface Window {
  readonly height: number;
  readonly width: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly pad: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number };
}

type Pad = 'same' | 'valid' | number;
type Pair = [number, number];

/** The window of a pooling with TensorFlow.js's attributes `filterSize`, `strides`, `pad`. */
export function windowOf(inputShape: readonly number[], attributes: Attributes): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(
    inputShape as [number, number, number, number],
    filterSize as Pair | number,
    strides as Pair | number,
    1,
    pad as Pad,
    dimRoundingMode as 'floor' | undefined,
  );
  return {
    height: info.filterHeight,
    width: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    pad: info.padInfo,
  };
}

/** Row and column of every entry of a window, row by row. */
export function offsets({ height, width }: Window): readonly (readonly [number, number])[] {
  return Array.from({ length: height * width }, (_, index) => [Math.floor(index / width), index % width] as const);
}

/**
 * For every entry of the window (row by row) what stands there in all windows: `height · width` tensors
 * `[batch, outHeight, outWidth, channels]`. Made of pad, slice and reshape alone.
 */
export function windowSlices(x: Tensor, window: Window, padValue: number): readonly Tensor[] {
  const padded = padToStrides(x, window, padValue);
  return offsets(window).map(([row, column]) => strided(padded, window, [row, column]));
}

/** Padding as the window asks, and beyond it up to whole strides (or cropped to them). */
function padToStrides(x: Tensor, window: Window, padValue: number): Tensor {
  const { pad, strideHeight, strideWidth } = window;
  const rows = (window.outHeight + Math.ceil(window.height / strideHeight) - 1) * strideHeight;
  const columns = (window.outWidth + Math.ceil(window.width / strideWidth) - 1) * strideWidth;
  return cropOrPad(x, { rows, columns, top: pad.top, left: pad.left }, padValue);
}

export interface Frame {
  readonly rows: number;
  readonly columns: number;
  /** Rows of padding above the image, and columns to its left. */
  readonly top: number;
  readonly left: number;
}

/** The image in a frame of `rows` × `columns`: what lies beyond is cut off, what is missing is padded. */
export function cropOrPad(x: Tensor, { rows, columns, top, left }: Frame, padValue = 0): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const bottom = Math.max(0, rows - height - top);
  const right = Math.max(0, columns - width - left);
  const margins: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const padded = top + left + bottom + right === 0 ? x : tf.pad(x, margins, padValue);
  if (padded.shape[1] === rows && padded.shape[2] === columns) return padded;
  return tf.slice(padded, [0, 0, 0, 0], [batch, rows, columns, channels]);
}

function strided(padded: Tensor, window: Window, [row, column]: readonly [number, number]): Tensor {
  const [batch, , , channels] = padded.shape as [number, number, number, number];
  const { strideHeight, strideWidth, outHeight, outWidth } = window;
  const [rowStep, rowPhase] = [Math.floor(row / strideHeight), row % strideHeight];
  const [columnStep, columnPhase] = [Math.floor(column / strideWidth), column % strideWidth];
  if (strideHeight === 1 && strideWidth === 1) {
    return tf.slice(padded, [0, row, column, 0], [batch, outHeight, outWidth, channels]);
  }
  const [, rows, columns] = padded.shape as [number, number, number];
  const phases = [batch, rows / strideHeight, strideHeight, columns / strideWidth, strideWidth, channels];
  const slice = tf.slice(
    tf.reshape(padded, phases),
    [0, rowStep, rowPhase, columnStep, columnPhase, 0],
    [batch, outHeight, 1, outWidth, 1, channels],
  );
  return tf.reshape(slice, [batch, outHeight, outWidth, channels]);
}
