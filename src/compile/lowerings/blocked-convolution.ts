/**
 * Convolution on channels in blocks of as many as one vector register holds, the runtime's own form for constant filters
 * (`com.microsoft.nchwc`): it reads pixels where they lie, without columns. Here images and filters are brought into blocks and
 * back for each convolution, which pays for kernels over 1 × 1 (`conv2d-choices.ts`).
 */

import { blocked, type Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, identity, inLayout, permuted } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { channelsFirst, type Geometry } from './geometry.ts';
import { reshape } from './reshape.ts';

interface Request {
  readonly x: Value;
  /** `[height, width, in, out]` */
  readonly filter: Value;
  readonly geometry: Pick<Geometry, 'kernel' | 'strides' | 'dilations' | 'pads' | 'outShape'>;
}

/** Channels that come out must be whole blocks, and those that go in whole blocks or fewer than one. */
export function blockedConvolution(graph: Graph, { x, filter, geometry }: Request): Value {
  const { kernel, strides, dilations, pads, outShape } = geometry;
  const { name: image, layout } = hasFewChannels(graph, filter) ? asItIs(graph, x) : inBlocks(graph, x);
  const how = { kernel_shape: kernel, strides, dilations, pads, group: 1, auto_pad: 'NOTSET' };
  const result = graph.node('Conv', [image, blockedFilter(graph, filter)], how, blocked);
  const back = { channels: outShape[3], channels_last: layout === channelsFirst ? 0 : 1 };
  return computed(graph, graph.node('ReorderOutput', [result], back, blocked), { shape: outShape, layout });
}

interface Lying {
  readonly name: string;
  readonly layout: Layout;
}

/** `[batch, channels ÷ B, height, width, B]` of images, and how they lay. */
export function inBlocks(graph: Graph, images: Value): Lying {
  const layout = layoutOf(images);
  const how = { channels_last: layout === channelsFirst ? 0 : 1 };
  return { name: graph.node('ReorderInput', [inLayout(graph, images, layout)], how, blocked), layout };
}

/** Few channels the runtime reads one after the other, channels first. */
function asItIs(graph: Graph, images: Value): Lying {
  return { name: inLayout(graph, images, channelsFirst), layout: channelsFirst };
}

function hasFewChannels({ channelBlock }: Graph, filter: Value): boolean {
  return filter.shape[2] < channelBlock;
}

/** Images are taken channels last or channels first; what comes out lies as what went in. */
function layoutOf(x: Value): Layout {
  const plain = identity(4);
  const isPlain = x.kind === 'computed' && x.layout.every((axis, position) => axis === plain[position]);
  return isPlain ? plain : channelsFirst;
}

/** `[out ÷ B, in ÷ B, height, width, B of in, B of out]`, blocks of one for few channels in; under the shape that the runtime checks. */
function blockedFilter(graph: Graph, filter: Value): string {
  const [height, width, inChannels, outChannels] = filter.shape;
  const block = graph.channelBlock;
  const inBlock = hasFewChannels(graph, filter) ? 1 : block;
  const shape = [height * width, inChannels / inBlock, inBlock, outChannels / block, block];
  const order = [3, 1, 0, 2, 4];
  const lying = inLayout(graph, reshape(graph, filter, shape), order);
  return reshaped(graph, lying, { from: permuted(shape, order), to: [outChannels, inChannels, height, width] });
}
