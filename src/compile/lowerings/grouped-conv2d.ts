/**
 * Convolutions side by side, each with its own filter: images `[groups, batch, height, width, in]` with filters
 * `[groups, height, width, in, out]`, and the two gradients of that.
 */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { computed, inLayout, permuted, reshaped } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { rowsReachInput } from './conv2d-choices.ts';
import { type ConvAttributes, convGeometry, type Geometry, leftOver } from './geometry.ts';
import { convolutionByRows, filterGradientByRows, inputGradientByRows } from './image-rows.ts';

export function groupedConv2d(graph: Graph, inputs: { x: Value; filter: Value }, attributes: ConvAttributes): Value {
  const { x, filter } = inputs;
  return convolutionByRows(graph, inputs, convGeometry(x.shape.slice(1), filter.shape.slice(1), attributes));
}

export function groupedConv2dBackpropInput(
  graph: Graph,
  inputs: { dy: Value; filter: Value },
  attributes: ConvAttributes & { readonly inputShape: Shape },
): Value {
  const { inputShape } = attributes;
  const geometry = convGeometry(inputShape, inputs.filter.shape.slice(1), attributes);
  return rowsReachInput({ ...geometry, inChannels: inputShape[3] })
    ? inputGradientByRows(graph, inputs, { ...geometry, inputShape })
    : transposed(graph, inputs, { ...geometry, inputShape });
}

/** A transposed convolution of as many groups of channels. */
function transposed(
  graph: Graph,
  { dy, filter }: { dy: Value; filter: Value },
  geometry: Geometry & { readonly inputShape: Shape },
): Value {
  const { strides, dilations, pads, inputShape } = geometry;
  const [groups, batch, outHeight, outWidth, outChannels] = dy.shape;
  const [, height, width, inChannels] = filter.shape;
  const gradients = reshaped(graph, inLayout(graph, dy, groupedChannels), {
    from: permuted(dy.shape, groupedChannels),
    to: [batch, groups * outChannels, outHeight, outWidth],
  });
  const filters = reshaped(graph, inLayout(graph, filter, [0, 4, 3, 1, 2]), {
    from: permuted(filter.shape, [0, 4, 3, 1, 2]),
    to: [groups * outChannels, inChannels, height, width],
  });
  const how = { strides, dilations, pads, output_padding: leftOver(geometry), group: groups };
  const image = reshaped(graph, graph.node('ConvTranspose', [gradients, filters], how), {
    from: [batch, groups * inChannels, ...geometry.input],
    to: [batch, groups, inChannels, ...geometry.input],
  });
  return computed(graph, image, { shape: [groups, ...inputShape], layout: groupedChannels });
}

/** Groups before channels, as groups of channels lie. */
const groupedChannels = [1, 0, 4, 2, 3];

export function groupedConv2dBackpropFilter(
  graph: Graph,
  inputs: { x: Value; dy: Value },
  attributes: ConvAttributes & { readonly filterShape: Shape },
): Value {
  return filterGradientByRows(graph, inputs, convGeometry(inputs.x.shape.slice(1), attributes.filterShape, attributes));
}
