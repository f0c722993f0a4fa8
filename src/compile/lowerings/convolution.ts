/** Convolution and its two gradients, NHWC as TensorFlow.js has them. */

import type { Graph } from '../graph/graph.ts';
import { computed, inLayout } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Lowering, Lowerings } from './lowering.ts';

type Strides = number | [number, number];
type Padding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

const channelsFirst: Layout = [0, 3, 1, 2];
const outInFirst: Layout = [3, 2, 0, 1];
const channelsThenBatch: Layout = [3, 0, 1, 2];

interface Common {
  readonly strides: Strides;
  readonly pad: Padding;
  readonly dataFormat?: string;
  readonly dilations?: Strides;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function infoOf(inputShape: readonly number[], filterShape: readonly number[], attributes: Common) {
  if (attributes.dataFormat && attributes.dataFormat !== 'NHWC') throw new Error('convolutions must be NHWC');
  const { strides, dilations = 1, pad, dimRoundingMode } = attributes;
  const input = inputShape as [number, number, number, number];
  const filter = filterShape as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(input, filter, strides, dilations, pad, dimRoundingMode);
  const { top, left, bottom, right } = info.padInfo;
  return {
    ...info,
    pads: [top, left, bottom, right],
    steps: [info.strideHeight, info.strideWidth],
    spread: [info.dilationHeight, info.dilationWidth],
  };
}

const conv2d: Lowering<{ x: Value; filter: Value }, Common> = (graph, { x, filter }, attributes) => {
  const info = infoOf(x.shape, filter.shape, attributes);
  const inputs = [inLayout(graph, x, channelsFirst), inLayout(graph, filter, outInFirst)];
  const name = graph.node('Conv', inputs, { strides: info.steps, dilations: info.spread, pads: info.pads });
  return computed(graph, name, { shape: info.outShape, layout: channelsFirst });
};

const conv2dBackpropInput: Lowering<{ dy: Value; filter: Value }, Common & { inputShape: number[] }> = (
  graph,
  { dy, filter },
  attributes,
) => {
  const { inputShape } = attributes;
  const info = infoOf(inputShape, filter.shape, attributes);
  const [top, left, bottom, right] = info.pads;
  const covered = (out: number, stride: number, kernel: number) => (out - 1) * stride + kernel;
  const rest = [
    inputShape[1] - (covered(dy.shape[1], info.strideHeight, info.effectiveFilterHeight) - top - bottom),
    inputShape[2] - (covered(dy.shape[2], info.strideWidth, info.effectiveFilterWidth) - left - right),
  ];
  const inputs = [inLayout(graph, dy, channelsFirst), inLayout(graph, filter, outInFirst)];
  const how = { strides: info.steps, dilations: info.spread, pads: info.pads, output_padding: rest };
  return computed(graph, graph.node('ConvTranspose', inputs, how), { shape: inputShape, layout: channelsFirst });
};

const conv2dBackpropFilter: Lowering<{ x: Value; dy: Value }, Common & { filterShape: number[] }> = (
  graph,
  { x, dy },
  attributes,
) => {
  const { filterShape } = attributes;
  const info = infoOf(x.shape, filterShape, attributes);
  const inputs = [inLayout(graph, x, channelsThenBatch), inLayout(graph, dy, channelsThenBatch)];
  // Strides and dilations change places.
  const all = graph.node('Conv', inputs, { strides: info.spread, dilations: info.steps, pads: info.pads });
  const name = firstRows(graph, all, [filterShape[0], filterShape[1]]);
  return computed(graph, name, { shape: filterShape, layout: [2, 3, 0, 1] });
};

function firstRows(graph: Graph, name: string, size: readonly number[]): string {
  return graph.node('Slice', [name, graph.ints([0, 0]), graph.ints(size), graph.ints([2, 3])]);
}

export const convolution = {
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv2DBackpropFilter: conv2dBackpropFilter,
} satisfies Lowerings;
