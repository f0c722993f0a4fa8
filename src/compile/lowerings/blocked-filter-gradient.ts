/**
 * The gradient of a convolution with respect to its filter as one convolution in blocks (`com.microsoft.nchwc`) whose channels are
 * the batch, of images brought into blocks or where they lie. An image's row is taken with its channels, as a row of `width · in`
 * numbers that one filter slides over:
 *
 * `dW[u, v · in + i, o] = Σ_{b, p, q} x[b, p · s + u, (q · s + v) · in + i] · dy[b, p, q, o]`
 *
 * so dy is the filter `[out, batch, height, width]`, dilated by `[s, s · in]`, and the results `v · in + i` of a row lie side by side.
 * Nothing is gathered for each position of the kernel. Kernels that are dilated themselves are not taken.
 */

import type { Shape } from '../../contracts/array.ts';
import { blocked, type Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout, permuted, plain } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { inBlocks } from './blocked-convolution.ts';
import { wholeBlocks } from './conv-size.ts';
import { type Geometry, leftOver } from './geometry.ts';
import { pad } from './joins.ts';
import { reshape } from './reshape.ts';

interface Request {
  readonly x: Value;
  readonly dy: Value;
  readonly filterShape: Shape;
  readonly geometry: Geometry;
}

/** The batch in blocks, which are filled with examples of zeros. The channels of dy must be whole blocks. */
export function blockedFilterGradient(graph: Graph, request: Request): Computed {
  const examples = wholeBlocks(request.x.shape[0], graph.channelBlock);
  const { name, pads } = rowsOfPixels(graph, request, examples);
  const image = graph.node('ReorderInput', [name], { channels_last: 0 }, blocked);
  const filter = gradientInBlocks(graph, request.dy, examples);
  return slid(graph, request, { image: { name: image, pads }, filter, groups: 1 });
}

/**
 * The image where it lies: of fewer channels than a block the runtime takes it as it is. A larger batch is taken in groups; each sums
 * over its own examples, and the groups are added up. The channels of dy must be fours, of which the runtime makes blocks.
 */
export function directFilterGradient(graph: Graph, request: Request): Computed {
  const { examples, groups } = groupsOf(graph, request.x);
  const image = rowsOfPixels(graph, request, examples);
  const filter = gradientInGroups(graph, request.dy, { examples, groups });
  return slid(graph, request, { image, filter, groups });
}

interface Groups {
  /** Of all groups together, with those of zeros. */
  readonly examples: number;
  readonly groups: number;
}

/**
 * A group is of fewer examples than a block, for the runtime to take the image as it is; all together must be whole blocks, or
 * fewer than one. Half a block divides whole ones.
 */
function groupsOf({ channelBlock: block }: Graph, { shape: [batch] }: Value): Groups {
  if (batch < block) return { examples: batch, groups: 1 };
  const examples = wholeBlocks(batch, block);
  return { examples, groups: examples / (block / 2) };
}

/** Behind the batch, examples of zeros. */
function filledTo(graph: Graph, examples: number, batch: Value): Value {
  const [own, ...others] = batch.shape;
  return pad(graph, batch, { paddings: [[0, examples - own], ...others.map(() => [0, 0] as const)], value: 0 });
}

interface Image {
  /** `[1, examples, rows, width · in]` */
  readonly name: string;
  /** Of rows above and below it, for the convolution to add: they are not even multiplied. */
  readonly pads: readonly number[];
}

function rowsOfPixels(graph: Graph, { x, geometry }: Request, examples: number): Image {
  const { before, after } = geometry;
  const [below, right] = leftOver(geometry).map((rest, axis) => after[axis] - rest);
  const pixels = computed(graph, plain(graph, x), { shape: x.shape }); // turned before padding, while they are fewer
  // More rows may be left over than the image has by itself: then those above are added first.
  const rowsOfZeros = below < 0 ? ([before[0], below] as const) : ([0, 0] as const);
  const paddings = [[0, examples - x.shape[0]], rowsOfZeros, [before[1], right], [0, 0]] as const;
  const padded = pad(graph, pixels, { paddings, value: 0 });
  const [, rows, columns, channels] = padded.shape;
  const to = [1, examples, rows, columns * channels];
  const name = reshaped(graph, plain(graph, padded), { from: padded.shape, to });
  return { name, pads: below < 0 ? [0, 0, 0, 0] : [before[0], 0, below, 0] };
}

/** `[out ÷ B, batch ÷ B, height, width, B of the batch, B of out]` under the shape that the runtime checks. */
function gradientInBlocks(graph: Graph, dy: Value, examples: number): string {
  const [batch, height, width, channels] = dy.shape;
  const block = graph.channelBlock;
  const columns = [channels / block, height * width, block];
  const name = reshaped(graph, inBlocks(graph, dy).name, {
    from: [batch, channels, height, width],
    to: [batch, ...columns],
  });
  const whole = filledTo(graph, examples, computed(graph, name, { shape: [batch, ...columns] }));
  const order = [2, 0, 3, 1, 4]; // moves whole blocks
  const shape = [examples / block, block, ...columns];
  const lying = inLayout(graph, reshape(graph, whole, shape), order);
  return reshaped(graph, lying, { from: permuted(shape, order), to: [channels, examples, height, width] });
}

/** `[groups, out ÷ B, examples, height, width, B of out]` under the shape that the runtime checks. */
function gradientInGroups(graph: Graph, dy: Value, { examples, groups }: Groups): string {
  const whole = filledTo(graph, examples, dy);
  const [, height, width, channels] = whole.shape;
  const own = examples / groups;
  const from = [groups, own * height * width, 1, channels];
  const pixels = reshaped(graph, plain(graph, whole), { from: whole.shape, to: from });
  const name = graph.node('ReorderInput', [pixels], { channels_last: 1 }, blocked);
  const outChannels = wholeBlocks(channels, graph.channelBlock);
  return reshaped(graph, name, {
    from: [groups, outChannels, own * height * width, 1],
    to: [groups * outChannels, own, height, width],
  });
}

interface Slid {
  readonly image: Image;
  readonly filter: string;
  readonly groups: number;
}

/** The image under dy as its filter, and what comes out as the filter's gradient. */
function slid(graph: Graph, { filterShape, geometry }: Request, { image, filter, groups }: Slid): Computed {
  const [height, width, inChannels, outChannels] = filterShape;
  const { output, strides } = geometry;
  const how = {
    kernel_shape: output,
    strides: [1, 1],
    dilations: [strides[0], strides[1] * inChannels],
    pads: image.pads,
    group: groups,
    auto_pad: 'NOTSET',
  };
  const results = graph.node('Conv', [image.name, filter], how, blocked);
  const shape = [1, wholeBlocks(outChannels, graph.channelBlock), height, width * inChannels];
  const result = sumOfGroups(graph, results, { shape, groups });
  const lying = graph.node('ReorderOutput', [result], { channels: outChannels, channels_last: 1 }, blocked);
  const name = reshaped(graph, lying, { from: [1, height, width * inChannels, outChannels], to: filterShape });
  return computed(graph, name, { shape: filterShape });
}

/** @param shape of each group's result, `[1, …]` */
function sumOfGroups(graph: Graph, results: string, { shape, groups }: { shape: Shape; groups: number }): string {
  if (groups === 1) return results;
  const parts = graph.node('Reshape', [results, graph.ints(shape.with(0, groups))]);
  return graph.node('ReduceSum', [parts, graph.ints([0])], { keepdims: 1 });
}
