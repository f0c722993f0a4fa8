/** Where convolutions are computed in strips (`image-strips.ts`): the first rows of the table in `conv2d-choices.ts`. */

import { type ConvSize, hasFewPixels, isWhole } from './conv-size.ts';
import { stripsFit } from './strip-places.ts';

/** Strips that do not stay in the cache cost more than the convolution itself. */
const mostNumbers = 2 ** 22;
/** Of larger images the runtime's own convolution is faster: it takes them one by one. */
const mostPixels = 2 ** 12;
/** Where channels become so many times more or fewer, there is more to sum, or to gather, than to multiply. */
const mostGrowth = 4;

/** A copy of the image for each column of the kernel instead of for each entry, and products of so many more columns. */
export function paysInStrips(size: ConvSize): boolean {
  const { batch, inChannels, outChannels, kernel, output, strides, lanes } = size;
  if (!fitsStrips(size) || output[0] * output[1] > mostPixels) return false;
  if (lanes > 1) return inChannels >= 4 && inChannels <= 16 && outChannels <= 16;
  const [least, most] = [Math.min(inChannels, outChannels), Math.max(inChannels, outChannels)];
  if (least < 8 || most >= mostGrowth * least || isWhole(size) || hasFewPixels(size, outChannels)) return false;
  if (strides.some((stride) => stride > 1)) return batch >= 8;
  return batch >= 2 || kernel[0] * kernel[1] >= 16;
}

export function fitsStrips(size: ConvSize): boolean {
  const { batch, inChannels, outChannels, kernel, output, strides } = size;
  const taps = tapsOf(size);
  const strips = batch * (output[0] + taps - 1) * output[1];
  const numbers = strips * (strides[0] * kernel[1] * inChannels + taps * outChannels);
  return taps > 1 && stripsFit(size) && numbers <= mostNumbers;
}

/**
 * A strip is multiplied with all taps, whether a row of the result lies there or not: for results and filter gradients too much where
 * there are fewer rows than taps.
 */
export function reachesAllTaps(size: ConvSize): boolean {
  return size.output[0] >= tapsOf(size);
}

function tapsOf({ kernel, strides }: ConvSize): number {
  return Math.ceil(kernel[0] / strides[0]);
}
