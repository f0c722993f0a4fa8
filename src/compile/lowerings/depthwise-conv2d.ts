/** Convolution of each channel by itself with `[height, width, channels, multiplier]`, and its gradients. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { blockedDepthwise, depthwisePaysInBlocks } from './blocked-depthwise.ts';
import { type ConvAttributes, channelsFirst, convGeometry, type Geometry, leftOver } from './geometry.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { reduce } from './reductions.ts';

function geometryOf(imageShape: Shape, filterShape: Shape, attributes: ConvAttributes): Geometry {
  return convGeometry(imageShape, filterShape, { ...attributes, depthwise: true });
}

/** `[channels · multiplier, 1, height, width]` */
function groupedFilter(graph: Graph, filter: Value): string {
  const [height, width, channels, multiplier] = filter.shape;
  const name = inLayout(graph, filter, [2, 3, 0, 1]);
  return reshaped(graph, name, {
    from: [channels, multiplier, height, width],
    to: [channels * multiplier, 1, height, width],
  });
}

const forward: Lowering<{ x: Value; filter: Value }, ConvAttributes> = (graph, { x, filter }, attributes) => {
  const geometry = geometryOf(x.shape, filter.shape, attributes);
  if (depthwisePaysInBlocks(graph, filter)) return blockedDepthwise(graph, { x, filter, geometry });
  const { strides, dilations, pads, outShape } = geometry;
  const inputs = [inLayout(graph, x, channelsFirst), groupedFilter(graph, filter)];
  const name = graph.node('Conv', inputs, { strides, dilations, pads, group: x.shape[3] });
  return computed(graph, name, { shape: outShape, layout: channelsFirst });
};

const backpropInput: Lowering<{ dy: Value; filter: Value }, ConvAttributes & { inputShape: Shape }> = (
  graph,
  { dy, filter },
  attributes,
) => {
  const { inputShape } = attributes;
  const geometry = geometryOf(inputShape, filter.shape, attributes);
  const { strides, dilations, pads } = geometry;
  const inputs = [inLayout(graph, dy, channelsFirst), groupedFilter(graph, filter)];
  const how = { strides, dilations, pads, output_padding: leftOver(geometry), group: inputShape[3] };
  return computed(graph, graph.node('ConvTranspose', inputs, how), { shape: inputShape, layout: channelsFirst });
};

/** Each example and channel is a group of one convolution; the examples are summed after it. */
const backpropFilter: Lowering<{ x: Value; dy: Value }, ConvAttributes & { filterShape: Shape }> = (
  graph,
  { x, dy },
  attributes,
) => {
  const [height, width, channels, multiplier] = attributes.filterShape;
  const { strides, dilations, pads } = geometryOf(x.shape, attributes.filterShape, attributes);
  const [batch, inHeight, inWidth] = x.shape;
  const [, outHeight, outWidth, outChannels] = dy.shape;
  const image = reshaped(graph, inLayout(graph, x, channelsFirst), {
    from: [batch, channels, inHeight, inWidth],
    to: [1, batch * channels, inHeight, inWidth],
  });
  const kernels = reshaped(graph, inLayout(graph, dy, channelsFirst), {
    from: [batch, outChannels, outHeight, outWidth],
    to: [batch * outChannels, 1, outHeight, outWidth],
  });
  const how = { strides: dilations, dilations: strides, pads, group: batch * channels };
  const all = graph.node('Conv', [image, kernels], how);
  const cut = graph.node('Slice', [all, graph.ints([0, 0]), graph.ints([height, width]), graph.ints([2, 3])]);
  const each = reshaped(graph, cut, {
    from: [1, batch * channels * multiplier, height, width],
    to: [batch, channels, multiplier, height, width],
  });
  const shape = [batch, height, width, channels, multiplier];
  const examples = computed(graph, each, { shape, layout: [0, 3, 4, 1, 2] });
  return reduce(graph, 'ReduceSum', { x: examples, axes: [0], keepDims: false });
};

export const depthwiseConv2d = {
  DepthwiseConv2dNative: forward,
  DepthwiseConv2dNativeBackpropInput: backpropInput,
  DepthwiseConv2dNativeBackpropFilter: backpropFilter,
} satisfies Lowerings;
