/** Convolution of `[batch, height, width, in]` with `[height, width, in, out]`. */

import { computed, inLayout } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { type ConvAttributes, channelsFirst, convGeometry, outInFirst } from './geometry.ts';
import type { Lowering } from './lowering.ts';

export const conv2d: Lowering<{ x: Value; filter: Value }, ConvAttributes> = (graph, { x, filter }, attributes) => {
  const { strides, dilations, pads, outShape } = convGeometry(x.shape, filter.shape, attributes);
  const inputs = [inLayout(graph, x, channelsFirst), inLayout(graph, filter, outInFirst)];
  return computed(graph, graph.node('Conv', inputs, { strides, dilations, pads }), {
    shape: outShape,
    layout: channelsFirst,
  });
};
