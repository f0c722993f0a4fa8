/**
 * Convolution of each channel by itself, on channels in blocks (see `blocked-convolution.ts`): a register holds a pixel of all
 * channels of a block, and their filters' entries another. The runtime's own grouped convolution copies windows for each channel,
 * which takes longer than the products do. Its form in blocks has one filter for each channel, so there is a convolution for each
 * of several.
 */

import { blocked, type Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, identity, inLayout, permuted } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { wholeBlocks } from './conv-size.ts';
import { channelsFirst, type Geometry } from './geometry.ts';
import { pad } from './joins.ts';
import { sliceAxis } from './slices.ts';

/** With more filters for each channel, windows that are copied serve so many that copying them pays. */
const mostFilters = 32;

/** @param filter `[height, width, channels, multiplier]` */
export function depthwisePaysInBlocks({ channelBlock: block }: Graph, { shape: [, , channels, multiplier] }: Value) {
  return block > 0 && channels >= block && multiplier <= mostFilters;
}

interface Request {
  readonly x: Value;
  /** `[height, width, channels, multiplier]` */
  readonly filter: Value;
  readonly geometry: Pick<Geometry, 'kernel' | 'strides' | 'dilations' | 'pads' | 'outShape'>;
}

export function blockedDepthwise(graph: Graph, { x, filter, geometry }: Request): Value {
  const { kernel, strides, dilations, pads } = geometry;
  const [channels, multiplier] = filter.shape.slice(2);
  const image = inBlocks(graph, x, { axis: 3, layout: identity(4) });
  const filters = inBlocks(graph, filter, { axis: 2, layout: [3, 0, 1, 2] });
  const group = wholeBlocks(channels, graph.channelBlock);
  const how = { kernel_shape: kernel, strides, dilations, pads, group, auto_pad: 'NOTSET' };
  const results = parts(graph, filters, multiplier).map((part) => {
    const own = reshaped(graph, part, { from: [1, group, ...kernel], to: [group, 1, ...kernel] });
    return graph.node('Conv', [image, own], how, blocked);
  });
  const [batch, height, width] = geometry.outShape;
  const all = outOfBlocks(graph, results, [batch, height, width, group * multiplier]);
  return sliceAxis(graph, all, { axis: 3, start: 0, length: channels * multiplier });
}

/** The last axis of `layout` becomes the second, in blocks. */
function inBlocks(graph: Graph, value: Value, { axis, layout }: { axis: number; layout: Layout }): string {
  const missing = wholeBlocks(value.shape[axis], graph.channelBlock) - value.shape[axis];
  const paddings = value.shape.map((_, other) => [0, other === axis ? missing : 0] as const);
  const whole = pad(graph, value, { paddings, value: 0 });
  return graph.node('ReorderInput', [inLayout(graph, whole, layout)], { channels_last: 1 }, blocked);
}

/** Along the first axis, one each. */
function parts(graph: Graph, name: string, count: number): readonly string[] {
  if (count === 1) return [name];
  const sizes = graph.ints(Array.from({ length: count }, () => 1));
  return graph.nodeWithOutputs('Split', [name, sizes], { attributes: { axis: 0 }, outputs: count });
}

/** A channel's results, of one filter after the other, become channels side by side. */
function outOfBlocks(graph: Graph, results: readonly string[], shape: Geometry['outShape']): Value {
  const [batch, height, width, channels] = shape;
  const block = graph.channelBlock;
  const count = results.length;
  const [blocks, pixels] = [(batch * channels) / count / block, height * width];
  const own = results.map((name) =>
    reshaped(graph, name, { from: [batch, channels / count, height, width], to: [blocks, pixels, block] }),
  );
  const joint = own.length === 1 ? own[0] : graph.node('Concat', own, { axis: 1 });
  const name = reshaped(graph, graph.node('Transpose', [joint], { perm: [0, 2, 1] }), {
    from: [blocks, block, count * pixels],
    to: permuted(shape, channelsFirst),
  });
  return computed(graph, name, { shape, layout: channelsFirst });
}
