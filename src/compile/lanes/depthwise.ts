/** Where every channel has a filter of its own anyway, lanes are so many more channels. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { depthwiseConv2d } from '../lowerings/depthwise-conv2d.ts';
import type { ConvAttributes } from '../lowerings/geometry.ts';
import { reshape, transpose } from '../lowerings/reshape.ts';
import { type LaneRules, type Operand, perLane, spread } from './rule.ts';

/** Of images `[batch, height, width, channels]`, and of filters `[height, width, channels, multiplier]`. */
const [imageChannels, filterChannels] = [3, 2];

/** `[…, lanes · channels, …]` */
function asChannels(graph: Graph, operand: Operand, axis: number): Value {
  const value = spread(graph, operand);
  const others = value.shape.slice(1).map((_, i) => i + 1);
  const moved = transpose(graph, value, others.toSpliced(axis, 0, 0));
  return reshape(graph, moved, moved.shape.toSpliced(axis, 2, moved.shape[axis] * moved.shape[axis + 1]));
}

/** The adjoint of `asChannels`. */
function fromChannels(graph: Graph, value: unknown, axis: number): Operand {
  const { shape } = value as Value;
  const parts = reshape(graph, value as Value, shape.toSpliced(axis, 1, graph.lanes, shape[axis] / graph.lanes));
  const others = parts.shape.map((_, i) => i).filter((i) => i !== axis);
  return perLane(transpose(graph, parts, [axis, ...others]));
}

const withLanes = (graph: Graph, shape: Shape, axis: number) => shape.with(axis, shape[axis] * graph.lanes);

export const depthwise: LaneRules = {
  DepthwiseConv2dNative: (graph, { x, filter }, attributes: ConvAttributes) => {
    const inputs = { x: asChannels(graph, x, imageChannels), filter: asChannels(graph, filter, filterChannels) };
    return fromChannels(graph, depthwiseConv2d.DepthwiseConv2dNative(graph, inputs, attributes), imageChannels);
  },
  DepthwiseConv2dNativeBackpropInput: (
    graph,
    { dy, filter },
    attributes: ConvAttributes & { readonly inputShape: Shape },
  ) => {
    const inputs = { dy: asChannels(graph, dy, imageChannels), filter: asChannels(graph, filter, filterChannels) };
    const inputShape = withLanes(graph, attributes.inputShape, imageChannels);
    const all = { ...attributes, inputShape };
    return fromChannels(graph, depthwiseConv2d.DepthwiseConv2dNativeBackpropInput(graph, inputs, all), imageChannels);
  },
  DepthwiseConv2dNativeBackpropFilter: (
    graph,
    { x, dy },
    attributes: ConvAttributes & { readonly filterShape: Shape },
  ) => {
    const inputs = { x: asChannels(graph, x, imageChannels), dy: asChannels(graph, dy, imageChannels) };
    const filterShape = withLanes(graph, attributes.filterShape, filterChannels);
    const all = { ...attributes, filterShape };
    return fromChannels(graph, depthwiseConv2d.DepthwiseConv2dNativeBackpropFilter(graph, inputs, all), filterChannels);
  },
};
