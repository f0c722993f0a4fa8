/** Sizes of convolutions and pooling as TensorFlow.js computes them, in the terms of ONNX. */

import type { Shape } from '../../contracts/array.ts';
import type { Layout } from '../graph/value.ts';
import { tf } from '../tf.ts';

/** Layouts of images `[batch, height, width, channels]`. */
export const channelsFirst: Layout = [0, 3, 1, 2];
export const channelsThenBatch: Layout = [3, 0, 1, 2];
/** Channels, height, width, batch: a row of memory holds one pixel of all examples. */
export const batchLast: Layout = [3, 1, 2, 0];
/** Layout of filters `[height, width, in, out]`. */
export const outInFirst: Layout = [3, 2, 0, 1];

export type Pair = number | [number, number];
export type Shape4 = [number, number, number, number];
export type Padding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
type Rounding = 'floor' | 'round' | 'ceil';

export interface ConvAttributes {
  readonly strides: Pair;
  readonly pad: Padding;
  readonly dataFormat?: string;
  readonly dilations?: Pair;
  readonly dimRoundingMode?: Rounding;
}

export interface PoolAttributes {
  readonly filterSize: Pair;
  readonly strides: Pair;
  readonly pad: Padding;
  readonly dimRoundingMode?: Rounding;
}

/** Each pair is [along the height, along the width]. */
export interface Geometry {
  /** Of the image, without padding. */
  readonly input: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly output: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  /** As ONNX writes them: top, left, bottom, right. */
  readonly pads: readonly number[];
  /** Shape of the result, channels last. */
  readonly outShape: Shape4;
}

type Info = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

export function convGeometry(
  imageShape: Shape,
  filterShape: Shape,
  attributes: ConvAttributes & { readonly depthwise?: boolean },
): Geometry {
  const { strides, pad, dataFormat = 'NHWC', dilations = 1, dimRoundingMode, depthwise = false } = attributes;
  if (dataFormat !== 'NHWC') throw new Error(`images must be NHWC, but are ${dataFormat}`);
  const [image, filter] = [imageShape as Shape4, filterShape as Shape4];
  return geometryOf(
    tf.backend_util.computeConv2DInfo(image, filter, strides, dilations, pad, dimRoundingMode, depthwise),
  );
}

export function poolGeometry(imageShape: Shape, attributes: PoolAttributes): Geometry {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  return geometryOf(
    tf.backend_util.computePool2DInfo(imageShape as Shape4, filterSize, strides, 1, pad, dimRoundingMode),
  );
}

function geometryOf(info: Info): Geometry {
  const { top, left, bottom, right } = info.padInfo;
  const geometry: Geometry = {
    input: [info.inHeight, info.inWidth],
    kernel: [info.filterHeight, info.filterWidth],
    output: [info.outHeight, info.outWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [top, left],
    after: [bottom, right],
    pads: [top, left, bottom, right],
    outShape: info.outShape,
  };
  checkOutput(geometry);
  return geometry;
}

/** TensorFlow.js computes another size for a padding that is one number where kernel or strides are not square. */
function checkOutput(geometry: Geometry): void {
  const { strides } = geometry;
  if (leftOver(geometry).every((rest, i) => rest >= 0 && rest < strides[i])) return;
  throw new Error(
    'padding of a kernel or strides that are not square must be written [[0, 0], [top, bottom], [left, right], [0, 0]]',
  );
}

/** Rows (and columns) of the image that no window reaches because the stride leaves them over. */
export function leftOver({ input, kernel, output, strides, dilations, before, after }: Geometry): number[] {
  return [0, 1].map((i) => {
    const reached = (output[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    return input[i] + before[i] + after[i] - reached;
  });
}

/** Whether windows neither overlap nor reach into padding. */
export function tiles({ kernel, strides, pads }: Geometry): boolean {
  return kernel[0] === strides[0] && kernel[1] === strides[1] && pads.every((amount) => amount === 0);
}

/** Of every position in the window, row by row. */
export function windowOffsets([height, width]: readonly [number, number]): (readonly [row: number, column: number])[] {
  return Array.from({ length: height * width }, (_, index) => [Math.floor(index / width), index % width]);
}

/** Of every window, row by row, how many of its entries are not padding. */
export function windowCounts({ input, kernel, output, strides, before }: Geometry): number[] {
  const [rows, columns] = [0, 1].map((i) =>
    Array.from({ length: output[i] }, (_, index) => {
      const start = index * strides[i] - before[i];
      return Math.min(start + kernel[i], input[i]) - Math.max(start, 0);
    }),
  );
  return rows.flatMap((row) => columns.map((column) => row * column));
}
