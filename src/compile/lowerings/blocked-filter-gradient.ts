/**
 * The gradient of a convolution with respect to its filter as one convolution in blocks (`com.microsoft.nchwc`) whose channels are
 * the batch. An image's row is taken with its channels, as a row of `width · in` numbers that one filter slides over:
 *
 * `dW[u, v · in + i, o] = Σ_{b, p, q} x[b, p · s + u, (q · s + v) · in + i] · dy[b, p, q, o]`
 *
 * so dy is the filter `[out, batch, height, width]`, dilated by `[s, s · in]`, and the results `v · in + i` of a row lie side by side.
 * Nothing is gathered for each position of the kernel.
 */

import type { Shape } from '../../contracts/array.ts';
import { blocked, type Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout, permuted, plain } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { inBlocks } from './blocked-convolution.ts';
import { type Geometry, leftOver } from './geometry.ts';
import { pad, takeAxis } from './joins.ts';
import { reshape } from './reshape.ts';

interface Request {
  readonly x: Value;
  readonly dy: Value;
  readonly filterShape: Shape;
  readonly geometry: Geometry;
}

/** The channels of dy must be whole blocks, and the kernel not dilated. */
export function blockedFilterGradient(graph: Graph, { x, dy, filterShape, geometry }: Request): Computed {
  const [height, width, inChannels, outChannels] = filterShape;
  const { output, strides } = geometry;
  const parts = partsOf(graph, output);
  const { image, pads } = blockedImage(graph, x, { geometry, parts });
  const how = {
    kernel_shape: [output[0] / parts, output[1]],
    strides: [1, 1],
    dilations: [strides[0], strides[1] * inChannels],
    pads,
    group: 1,
    auto_pad: 'NOTSET',
  };
  const result = graph.node('Conv', [image, blockedGradient(graph, dy, parts)], how, blocked);
  const lying = graph.node('ReorderOutput', [result], { channels: outChannels, channels_last: 1 }, blocked);
  const name = reshaped(graph, lying, { from: [1, height, width * inChannels, outChannels], to: filterShape });
  return computed(graph, name, { shape: filterShape });
}

/**
 * For every few results the runtime reads dy's numbers of one block of the batch and four of channels again. Parts of dy's rows, as
 * channels of their own, are as many as it takes for these numbers to fit into half of the second-level cache, which is 1 MB or
 * more where blocks are of 16 (AVX-512), and 512 KB where they are of 8.
 */
function partsOf({ channelBlock }: Graph, [height, width]: Geometry['output']): number {
  const places = 2 ** 11 / channelBlock;
  const counts = Array.from({ length: height }, (_, index) => index + 1);
  return counts.find((parts) => height % parts === 0 && (height / parts) * width <= places) ?? height;
}

interface Parts {
  readonly geometry: Geometry;
  readonly parts: number;
}

interface BlockedImage {
  readonly image: string;
  /** What surrounds it, for the convolution to add. */
  readonly pads: readonly number[];
}

/** `[1, batch · parts, rows, width · in]`: each part has all the rows that its windows reach. */
function blockedImage(graph: Graph, x: Value, { geometry, parts }: Parts): BlockedImage {
  const { before, after, output, strides, kernel } = geometry;
  const [below, right] = leftOver(geometry).map((rest, axis) => after[axis] - rest);
  const padsRows = parts === 1 && below >= 0; // then zeros above and below are not even multiplied
  const rows = padsRows ? ([0, 0] as const) : ([before[0], below] as const);
  const none = [0, 0] as const;
  const rowsOfPixels = computed(graph, plain(graph, x), { shape: x.shape }); // before anything makes them more
  const examples = [0, missingIn(graph, x)] as const;
  const padded = pad(graph, rowsOfPixels, { paddings: [examples, rows, [before[1], right], none], value: 0 });
  const step = (output[0] / parts) * strides[0];
  const reach = padsRows ? padded.shape[1] : step - strides[0] + kernel[0];
  const indices = Array.from({ length: parts * reach }, (_, i) => Math.floor(i / reach) * step + (i % reach));
  const taken = takeAxis(graph, padded, { axis: 1, indices });
  const [batch, all, columns, channels] = taken.shape;
  const image = plain(graph, reshape(graph, taken, [1, batch, all, columns * channels]));
  const name = graph.node('ReorderInput', [image], { channels_last: 0 }, blocked);
  const to = [1, batch * parts, reach, columns * channels];
  return {
    image: reshaped(graph, name, { from: [1, batch, all, columns * channels], to }),
    pads: padsRows ? [before[0], 0, below, 0] : [0, 0, 0, 0],
  };
}

/** `[out ÷ B, batch ÷ B · parts, rows, width, B of the batch, B of out]` under the shape that the runtime checks. */
function blockedGradient(graph: Graph, dy: Value, parts: number): string {
  const [batch, height, width, channels] = dy.shape;
  const block = graph.channelBlock;
  const columns = [channels / block, height * width, block];
  const name = reshaped(graph, inBlocks(graph, dy).name, {
    from: [batch, channels, height, width],
    to: [batch, ...columns],
  });
  const none = [0, 0] as const;
  const own = computed(graph, name, { shape: [batch, ...columns] });
  const whole = pad(graph, own, { paddings: [[0, missingIn(graph, dy)], none, none, none], value: 0 });
  const examples = whole.shape[0];
  const order = [2, 0, 3, 1, 4]; // moves whole blocks
  const shape = [examples / block, block, ...columns];
  const lying = inLayout(graph, reshape(graph, whole, shape), order);
  const to = [channels, examples * parts, height / parts, width];
  return reshaped(graph, lying, { from: permuted(shape, order), to });
}

/** Examples that the batch lacks to whole blocks: zeros take their place. */
function missingIn({ channelBlock }: Graph, { shape: [batch] }: Value): number {
  return (channelBlock - (batch % channelBlock)) % channelBlock;
}
