/**
 * Which of several ways to compute a convolution and its gradients is taken for which shape: measured with one thread on ONNX
 * Runtime's CPU provider. All give the same numbers up to rounding. `cutlayer bench lowering` measures them
 * on another machine; there a forward pass by columns is dearer than it is in training, where the filter's gradient shares them.
 *
 * | what     | batch | channels and kernel                        | way                                                   |
 * |----------|-------|--------------------------------------------|-------------------------------------------------------|
 * | all      | ≥ 2; ≥ 8 with strides; 1 where area ≥ 16 | in and out ≥ 8, not whole blocks | strips |
 * | all      | lanes | in 4 to 16, out ≤ 16                       | strips (several calls in one graph, `src/compile/lanes`) |
 * | all      | ≤ 16  | in 8 to 16 or < 4, out 8 to 16, area ≥ 16, not whole blocks | one gather of windows in rows, one product (input: in ≥ 4) |
 * | all      | lanes | in and out ≤ 16                            | the same                                              |
 * | forward  | ≥ 32  | in less than a block, in · area ≥ 72, out whole blocks, over 1 × 1 | convolution in blocks, image as it is |
 * | forward, input | | in and out ≥ 64, pixels ≤ 2 · channels of the result, over 1 × 1 (input: stride 1) | rows |
 * | forward  |       | whole blocks of channels, over 1 × 1, at most 1 million weights | convolution in blocks            |
 * | forward  | ≥ 8   | in · area ≤ 300, out ≤ 16, over 1 × 1      | one gather (shared with the filter's gradient), one product |
 * | forward  |       | otherwise                                  | convolution                                           |
 * | filter   |       | 1 × 1                                      | rows                                                  |
 * | filter   | < a block | out in fours that fill ¾ of their blocks, pixels not few as above (to out) | convolution that reads the image where it lies |
 * | filter   | ≥ 8   | where the forward pass gathers columns     | one product with these                                |
 * | filter   | fills ¾ of its blocks | out in fours that fill ¾ of their blocks, over 64 pixels of the result | convolution that reads the image where it lies |
 * | filter   | fills ¾ of its blocks | out in whole blocks, not few in as above | convolution in blocks whose channels are the batch |
 * | filter   |       | in · out ≥ 512 · 512                       | shifted products                                      |
 * | filter   |       | in · out ≥ 16 · 16, up to 16 · 16 pixels   | rows                                                  |
 * | filter   |       | in and out ≥ 8, stride 1                   | strips                                                |
 * | filter   | < 16  | in and out ≥ 8, strides over 1             | rows                                                  |
 * | filter   | ≥ 8   | otherwise                                  | gathers of columns in parts, a product with each      |
 * | filter   | < 8   | in · out ≥ 16 · 16                         | shifted products                                      |
 * | filter   | < 8   | otherwise                                  | convolution with batch and channels exchanged         |
 * | input    | ≥ 8   | in 8 to 16, out ≤ 16, stride over 1        | rows                                                  |
 * | input    |       | as forward in blocks, stride 1             | the same with the filter turned by 180°               |
 * | input    |       | in and out ≥ 16, stride 1                  | convolution with the filter turned by 180°            |
 * | input    |       | otherwise                                  | transposed convolution                                |
 *
 * A convolution that reads the image where it lies is by itself the fastest filter gradient nearly everywhere; where strips or rows
 * are taken, the forward pass and all gradients share what these gather. Where rows pay with few pixels, windows are no longer than
 * the filter, which the product takes almost as it lies; the other ways bring the filter into another order each time. What strips
 * need besides is in `strip-choices.ts`. Filter gradients by convolution, in blocks or where the image lies, are not for dilated
 * kernels; the latter not for lanes either.
 */

import type { Graph } from '../graph/graph.ts';
import { type ConvSize, hasFewPixels, isWhole, wholeBlocks } from './conv-size.ts';
import { fitsStrips, paysInStrips, reachesAllTaps } from './strip-choices.ts';

export type ForwardWay = 'convolution' | 'columns' | 'blocks' | 'rows' | 'strips';
export type FilterGradientWay =
  | 'columns'
  | 'columnsInParts'
  | 'direct'
  | 'blocks'
  | 'shifts'
  | 'swapped'
  | 'rows'
  | 'strips';
export type InputGradientWay = 'turned' | 'turnedInBlocks' | 'transposed' | 'rows' | 'strips';

export interface ConvChoices {
  forward(size: ConvSize): ForwardWay;
  filterGradient(size: ConvSize): FilterGradientWay;
  inputGradient(size: ConvSize): InputGradientWay;
}

/** The table above; `cutlayer bench lowering` measures it again. */
export const measuredChoices: ConvChoices = {
  forward: forwardWay,
  filterGradient: filterGradientWay,
  inputGradient: inputGradientWay,
};

export function choicesFor({ choices }: Graph): ConvChoices {
  return choices ?? measuredChoices;
}

/** Columns repeat every pixel once for each position of the kernel: beyond this many numbers they cost too much memory. */
const mostColumnNumbers = 2 ** 23;

function forwardWay(size: ConvSize): ForwardWay {
  const { batch, inChannels, outChannels, kernel, output } = size;
  if (paysInStrips(size) && reachesAllTaps(size)) return 'strips';
  if (paysInRows(size) || hasFewPixels(size, outChannels)) return 'rows';
  if (paysWithFewInBlocks(size) || paysInBlocks(size)) return 'blocks';
  const area = kernel[0] * kernel[1];
  const rows = inChannels * area;
  const numbers = rows * output[0] * output[1] * batch;
  const paysInColumns = batch >= 8 && area > 1 && rows <= 300 && outChannels <= 16 && numbers <= mostColumnNumbers;
  return paysInColumns ? 'columns' : 'convolution';
}

/**
 * Pixels of eight channels on, or of so few that rows are made of numbers: with them a window is copied at little cost, and its
 * row serves the forward pass, the filter's gradient and, in lanes, all that has a filter for each lane. In larger batches
 * columns are longer, and faster; with small kernels the convolution itself is.
 */
function paysInRows(size: ConvSize): boolean {
  const { batch, inChannels, outChannels, kernel, lanes } = size;
  if (inChannels > 16 || outChannels > 16) return false;
  if (lanes > 1) return true;
  const isThin = outChannels < 8 || (inChannels < 8 && inChannels >= 4);
  return !isThin && batch <= 16 && kernel[0] * kernel[1] >= 16 && !paysInBlocks(size);
}

/** Weights that are brought into blocks each time: beyond this many that costs more than it gains. */
const mostBlockedWeights = 2 ** 20;

function paysInBlocks(size: ConvSize): boolean {
  const { inChannels, outChannels, kernel } = size;
  const area = kernel[0] * kernel[1];
  return isWhole(size) && area > 1 && inChannels * outChannels * area <= mostBlockedWeights;
}

/** The longer the columns that it does without, the more it gains, even where the filter's gradient makes them after all. */
function paysWithFewInBlocks({ batch, inChannels, outChannels, kernel, channelBlock: block }: ConvSize): boolean {
  const area = kernel[0] * kernel[1];
  return batch >= 32 && inChannels < block && outChannels % block === 0 && area > 1 && inChannels * area >= 72;
}

function filterGradientWay(size: ConvSize): FilterGradientWay {
  const { batch, inChannels, outChannels, kernel, output, strides, channelBlock } = size;
  if (paysInStrips(size) && reachesAllTaps(size)) return 'strips';
  if (paysInRows(size) || kernel[0] * kernel[1] === 1) return 'rows';
  if (batch < channelBlock && fitsDirectly(size) && !hasFewPixels(size, outChannels)) return 'direct';
  if (forwardWay(size) === 'columns') return 'columns';
  if (fills(batch, channelBlock) && fitsDirectly(size) && output[0] * output[1] > 64) return 'direct';
  if (gradientFitsBlocks(size) && !paysWithFewInBlocks(size)) return 'blocks';
  const weights = inChannels * outChannels;
  if (weights >= 512 ** 2) return 'shifts';
  if (weights >= 16 ** 2 && batch * output[0] * output[1] <= 16 ** 2) return 'rows';
  const isStrided = strides.some((stride) => stride > 1);
  const isWide = inChannels >= 8 && outChannels >= 8;
  if (isWide && !isStrided && fitsStrips(size) && reachesAllTaps(size)) return 'strips';
  if (isWide && isStrided && batch < 16) return 'rows';
  if (batch < 8) return weights >= 16 ** 2 ? 'shifts' : 'swapped';
  return 'columnsInParts';
}

/**
 * Nothing but dy is brought into blocks. In lanes, gradients share what rows and strips gather with those that have a filter for
 * each lane.
 */
function fitsDirectly(size: ConvSize): boolean {
  const { outChannels, channelBlock, lanes } = size;
  return dySlides(size) && lanes === 1 && outChannels % 4 === 0 && fills(outChannels, channelBlock);
}

/** The batch takes the place of the channels. */
function gradientFitsBlocks(size: ConvSize): boolean {
  const { batch, outChannels, channelBlock } = size;
  return dySlides(size) && outChannels % channelBlock === 0 && fills(batch, channelBlock);
}

/** Whether dy can be the filter of a convolution in blocks. */
function dySlides({ dilations, channelBlock }: ConvSize): boolean {
  return channelBlock > 0 && dilations.every((dilation) => dilation === 1);
}

/** Whether at most a quarter of the blocks is zeros. */
function fills(count: number, block: number): boolean {
  return count >= 0.75 * wholeBlocks(count, block);
}

/** To fewer channels a product over rows is slow (the runtime's have columns in sixteens), and with dilations there is none. */
export function rowsReachInput({ inChannels, dilations }: Pick<ConvSize, 'inChannels' | 'dilations'>): boolean {
  return inChannels >= 4 && dilations.every((dilation) => dilation === 1);
}

function inputGradientWay(size: ConvSize): InputGradientWay {
  const { batch, inChannels, outChannels, strides } = size;
  const isStrided = strides.some((stride) => stride > 1);
  const isNarrow = inChannels >= 8 && inChannels <= 16 && outChannels <= 16;
  if (paysInStrips(size)) return 'strips';
  if (rowsReachInput(size) && (paysInRows(size) || (batch >= 8 && isStrided && isNarrow))) return 'rows';
  if (isStrided) return 'transposed';
  if (rowsReachInput(size) && hasFewPixels(size, inChannels)) return 'rows';
  if (paysInBlocks(size)) return 'turnedInBlocks';
  return inChannels >= 16 && outChannels >= 16 ? 'turned' : 'transposed';
}
