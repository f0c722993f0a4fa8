/**
 * Convolutions side by side, each with its own filter: images `[groups, batch, height, width, in]` with filters
 * `[groups, height, width, in, out]`, and the two gradients of that.
 */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout, permuted } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { type ConvSize, convSize } from './conv-size.ts';
import { choicesFor, rowsReachInput } from './conv2d-choices.ts';
import { type ConvAttributes, convGeometry, type Geometry, leftOver } from './geometry.ts';
import { convolutionByRows, filterGradientByRows, inputGradientByRows } from './image-rows.ts';
import { convolutionByStrips, filterGradientByStrips, inputGradientByStrips } from './image-strips.ts';
import { transposedConvolution } from './transposed-convolution.ts';

export function groupedConv2d(graph: Graph, inputs: { x: Value; filter: Value }, attributes: ConvAttributes): Value {
  const { x, filter } = inputs;
  const geometry = convGeometry(x.shape.slice(1), filter.shape.slice(1), attributes);
  const write =
    choicesFor(graph).forward(sizeOfLanes(graph, geometry, filter.shape)) === 'strips'
      ? convolutionByStrips
      : convolutionByRows;
  return write(graph, inputs, geometry);
}

export function groupedConv2dBackpropInput(
  graph: Graph,
  inputs: { dy: Value; filter: Value },
  attributes: ConvAttributes & { readonly inputShape: Shape },
): Value {
  const { inputShape } = attributes;
  const geometry = convGeometry(inputShape, inputs.filter.shape.slice(1), attributes);
  const way = choicesFor(graph).inputGradient(sizeOfLanes(graph, geometry, inputs.filter.shape));
  if (way === 'strips') return inputGradientByStrips(graph, inputs, { ...geometry, inputShape });
  return rowsReachInput({ ...geometry, inChannels: inputShape[3] })
    ? inputGradientByRows(graph, inputs, { ...geometry, inputShape })
    : transposed(graph, inputs, { ...geometry, inputShape });
}

/** That of a convolution whose filter all lanes share: computed in the same way, the two share their gathers. */
function sizeOfLanes(graph: Graph, geometry: Geometry, [, ...filterShape]: Shape): ConvSize {
  return convSize(graph, { batch: graph.lanes * geometry.outShape[0], filterShape, geometry });
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
  const dyShape = [batch, groups * outChannels, outHeight, outWidth];
  const filterShape = [groups * outChannels, inChannels, height, width];
  const imageShape = [batch, groups * inChannels, ...geometry.input];
  const stored = (value: Value, layout: Layout, to: Shape) => {
    const name = inLayout(graph, value, layout);
    return { name: reshaped(graph, name, { from: permuted(value.shape, layout), to }), shape: to };
  };
  const image = transposedConvolution(graph, {
    dy: stored(dy, groupedChannels, dyShape),
    filter: stored(filter, [0, 4, 3, 1, 2], filterShape),
    image: imageShape,
    groups,
    how: { strides, dilations, pads, output_padding: leftOver(geometry) },
  });
  const name = reshaped(graph, image, { from: imageShape, to: [batch, groups, inChannels, ...geometry.input] });
  return computed(graph, name, { shape: [groups, ...inputShape], layout: groupedChannels });
}

/** Groups before channels, as groups of channels lie. */
const groupedChannels = [1, 0, 4, 2, 3];

export function groupedConv2dBackpropFilter(
  graph: Graph,
  inputs: { x: Value; dy: Value },
  attributes: ConvAttributes & { readonly filterShape: Shape },
): Value {
  const geometry = convGeometry(inputs.x.shape.slice(1), attributes.filterShape, attributes);
  const way = choicesFor(graph).filterGradient(sizeOfLanes(graph, geometry, [graph.lanes, ...attributes.filterShape]));
  return (way === 'strips' ? filterGradientByStrips : filterGradientByRows)(graph, inputs, geometry);
}
