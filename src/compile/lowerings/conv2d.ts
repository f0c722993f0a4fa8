/** Convolution of `[batch, height, width, in]` with `[height, width, in, out]`. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout, permuted } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { blockedConvolution } from './blocked-convolution.ts';
import { convSize } from './conv-size.ts';
import { choicesFor } from './conv2d-choices.ts';
import { batchLast, type ConvAttributes, channelsFirst, convGeometry, type Geometry, outInFirst } from './geometry.ts';
import { imageColumns } from './image-columns.ts';
import { convolutionByRows } from './image-rows.ts';
import { convolutionByStrips } from './image-strips.ts';
import type { Lowering } from './lowering.ts';

interface Inputs {
  readonly x: Value;
  readonly filter: Value;
}

export const conv2d: Lowering<Inputs, ConvAttributes> = (graph, { x, filter }, attributes) => {
  const geometry = convGeometry(x.shape, filter.shape, attributes);
  const size = convSize(graph, { batch: x.shape[0], filterShape: filter.shape, geometry });
  const way = choicesFor(graph).forward(size);
  return { convolution, columns, blocks, rows: convolutionByRows, strips: convolutionByStrips }[way](
    graph,
    { x, filter },
    geometry,
  );
};

function convolution(graph: Graph, { x, filter }: Inputs, geometry: Geometry): Computed {
  const { strides, dilations, pads, outShape } = geometry;
  const inputs = [inLayout(graph, x, channelsFirst), inLayout(graph, filter, outInFirst)];
  const name = graph.node('Conv', inputs, { strides, dilations, pads });
  return computed(graph, name, { shape: outShape, layout: channelsFirst });
}

function blocks(graph: Graph, inputs: Inputs, geometry: Geometry): Value {
  return blockedConvolution(graph, { ...inputs, geometry });
}

/** One gather, which the gradient of the filter shares, and one product. */
function columns(graph: Graph, { x, filter }: Inputs, geometry: Geometry): Computed {
  const [height, width, inChannels, outChannels] = filter.shape;
  const matrix = reshaped(graph, inLayout(graph, filter, outInFirst), {
    from: permuted(filter.shape, outInFirst),
    to: [outChannels, inChannels * height * width],
  });
  const product = graph.node('MatMul', [matrix, imageColumns(graph, x, geometry)]);
  const to = permuted(geometry.outShape, batchLast);
  const name = reshaped(graph, product, { from: [outChannels, sizeOf(to) / outChannels], to });
  return computed(graph, name, { shape: geometry.outShape, layout: batchLast });
}
