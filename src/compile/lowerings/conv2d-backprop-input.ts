/** The gradient of a convolution with respect to its image; also the forward pass of a transposed convolution. */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { computed, inLayout, permuted } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { blockedConvolution } from './blocked-convolution.ts';
import { convSize } from './conv-size.ts';
import { choicesFor } from './conv2d-choices.ts';
import {
  type ConvAttributes,
  channelsFirst,
  convGeometry,
  type Geometry,
  leftOver,
  outInFirst,
  type Shape4,
} from './geometry.ts';
import { inputGradientByRows } from './image-rows.ts';
import { inputGradientByStrips } from './image-strips.ts';
import type { Lowering } from './lowering.ts';
import { transpose } from './reshape.ts';
import { slice } from './slices.ts';
import { transposedConvolution } from './transposed-convolution.ts';

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
  const size = convSize(graph, { batch: inputShape[0], filterShape: inputs.filter.shape, geometry });
  const way = choicesFor(graph).inputGradient(size);
  const write = {
    turned,
    turnedInBlocks,
    transposed,
    rows: inputGradientByRows,
    strips: inputGradientByStrips,
  }[fitsTurned(geometry) ? way : 'transposed'];
  return write(graph, inputs, { ...geometry, inputShape });
};

type Target = Geometry & { readonly inputShape: Shape };

/** ONNX takes no negative padding. */
function fitsTurned({ kernel, before, after }: Geometry): boolean {
  return [0, 1].every((i) => before[i] < kernel[i] && after[i] < kernel[i]);
}

function transposed(graph: Graph, { dy, filter }: Inputs, geometry: Target): Value {
  const { strides, dilations, pads, inputShape } = geometry;
  const name = transposedConvolution(graph, {
    dy: { name: inLayout(graph, dy, channelsFirst), shape: permuted(dy.shape, channelsFirst) },
    filter: { name: inLayout(graph, filter, outInFirst), shape: permuted(filter.shape, outInFirst) },
    image: permuted(inputShape, channelsFirst),
    groups: 1,
    how: { strides, dilations, pads, output_padding: leftOver(geometry) },
  });
  return computed(graph, name, { shape: inputShape, layout: channelsFirst });
}

/** At stride 1: dy, padded to the full, convolved with the filter turned by 180° and its channels exchanged. */
function turned(graph: Graph, { dy, filter }: Inputs, geometry: Target): Value {
  const inFirst = inLayout(graph, turnedFilter(graph, filter), [2, 3, 0, 1]);
  const how = { strides: [1, 1], pads: fullPads(geometry) };
  const name = graph.node('Conv', [inLayout(graph, dy, channelsFirst), inFirst], how);
  return computed(graph, name, { shape: geometry.inputShape, layout: channelsFirst });
}

function turnedInBlocks(graph: Graph, { dy, filter }: Inputs, geometry: Target): Value {
  const exchanged = transpose(graph, turnedFilter(graph, filter), [0, 1, 3, 2]);
  const how = { ...geometry, pads: fullPads(geometry), outShape: geometry.inputShape as Shape4 };
  return blockedConvolution(graph, { x: dy, filter: exchanged, geometry: how });
}

function fullPads({ kernel, before, after }: Geometry): number[] {
  return [...kernel.map((size, i) => size - 1 - before[i]), ...kernel.map((size, i) => size - 1 - after[i])];
}

function turnedFilter(graph: Graph, filter: Value): Value {
  const [height, width] = filter.shape;
  return slice(graph, filter, {
    begin: [height - 1, width - 1, 0, 0],
    size: filter.shape,
    strides: [height > 1 ? -1 : 1, width > 1 ? -1 : 1, 1, 1],
  });
}
