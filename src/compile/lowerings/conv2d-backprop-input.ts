/** The gradient of a convolution with respect to its image; also the forward pass of a transposed convolution. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { computed, inLayout } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { inputGradientWay } from './conv2d-choices.ts';
import { type ConvAttributes, channelsFirst, convGeometry, type Geometry, leftOver, outInFirst } from './geometry.ts';
import type { Lowering } from './lowering.ts';
import { slice } from './slices.ts';

interface Inputs {
  readonly dy: Value;
  readonly filter: Value;
}

export const conv2dBackpropInput: Lowering<Inputs, ConvAttributes & { readonly inputShape: Shape }> = (
  graph,
  inputs,
  attributes,
) => {
  const { inputShape } = attributes;
  const geometry = convGeometry(inputShape, inputs.filter.shape, attributes);
  const [, , inChannels, outChannels] = inputs.filter.shape;
  const way = inputGradientWay({ batch: inputShape[0], inChannels, outChannels, ...geometry });
  const write = way === 'turned' && fitsTurned(geometry) ? turned : transposed;
  return computed(graph, write(graph, inputs, geometry), { shape: inputShape, layout: channelsFirst });
};

/** ONNX takes no negative padding. */
function fitsTurned({ kernel, before, after }: Geometry): boolean {
  return [0, 1].every((i) => before[i] < kernel[i] && after[i] < kernel[i]);
}

function transposed(graph: Graph, { dy, filter }: Inputs, geometry: Geometry): string {
  const { strides, dilations, pads } = geometry;
  const inputs = [inLayout(graph, dy, channelsFirst), inLayout(graph, filter, outInFirst)];
  return graph.node('ConvTranspose', inputs, { strides, dilations, pads, output_padding: leftOver(geometry) });
}

/** At stride 1: dy, padded to the full, convolved with the filter turned by 180° and its channels exchanged. */
function turned(graph: Graph, { dy, filter }: Inputs, { kernel, before, after }: Geometry): string {
  const pads = [...kernel.map((size, i) => size - 1 - before[i]), ...kernel.map((size, i) => size - 1 - after[i])];
  const inFirst = inLayout(graph, turnedFilter(graph, filter), [2, 3, 0, 1]);
  return graph.node('Conv', [inLayout(graph, dy, channelsFirst), inFirst], { strides: [1, 1], pads });
}

function turnedFilter(graph: Graph, filter: Value): Value {
  const [height, width] = filter.shape;
  return slice(graph, filter, {
    begin: [height - 1, width - 1, 0, 0],
    size: filter.shape,
    strides: [height > 1 ? -1 : 1, width > 1 ? -1 : 1, 1, 1],
  });
}
