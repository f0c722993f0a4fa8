/** What the choice of a way to compute a convolution depends on. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import type { Geometry } from './geometry.ts';

export interface ConvSize {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: readonly [number, number];
  readonly output: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** See `Graph`. */
  readonly channelBlock: number;
  readonly lanes: number;
}

interface Convolution {
  readonly batch: number;
  /** `[height, width, in, out]` */
  readonly filterShape: Shape;
  readonly geometry: Geometry;
}

export function convSize({ channelBlock, lanes }: Graph, { batch, filterShape, geometry }: Convolution): ConvSize {
  const [, , inChannels, outChannels] = filterShape;
  return { ...geometry, batch, inChannels, outChannels, channelBlock, lanes };
}

/** Whether channels fill blocks. */
export function isWhole({ inChannels, outChannels, channelBlock: block }: ConvSize): boolean {
  return block > 0 && inChannels % block === 0 && outChannels % block === 0;
}

/** Whether pixels are few beside the channels of the result: `toChannels`. */
export function hasFewPixels(
  { batch, inChannels, outChannels, kernel, output }: ConvSize,
  toChannels: number,
): boolean {
  const isWide = inChannels >= 64 && outChannels >= 64 && kernel[0] * kernel[1] > 1;
  return isWide && batch * output[0] * output[1] <= 2 * toChannels;
}

/** So many channels (or examples) with those that fill their last block of `block`. */
export function wholeBlocks(count: number, block: number): number {
  return block * Math.ceil(count / block);
}
