/** The gradient of a convolution with respect to its filter. */

import type { Shape } from '../../contracts/array.ts';
import { type Graph, microsoft } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';
import { computed, inLayout } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { blockedFilterGradient, directFilterGradient } from './blocked-filter-gradient.ts';
import { convSize } from './conv-size.ts';
import { choicesFor } from './conv2d-choices.ts';
import { type ConvAttributes, channelsThenBatch, convGeometry, type Geometry, windowOffsets } from './geometry.ts';
import { imageColumns, imageColumnsInParts, imageMatrix, paddedBatchLast } from './image-columns.ts';
import { filterGradientByRows } from './image-rows.ts';
import { filterGradientByStrips } from './image-strips.ts';
import type { Lowering } from './lowering.ts';
import { slice } from './slices.ts';

interface Inputs {
  readonly x: Value;
  readonly dy: Value;
}

interface Request extends Inputs {
  readonly filterShape: Shape;
  readonly geometry: Geometry;
}

export const conv2dBackpropFilter: Lowering<Inputs, ConvAttributes & { readonly filterShape: Shape }> = (
  graph,
  { x, dy },
  attributes,
) => {
  const { filterShape } = attributes;
  const geometry = convGeometry(x.shape, filterShape, attributes);
  const size = convSize(graph, { batch: x.shape[0], filterShape, geometry });
  const way = choicesFor(graph).filterGradient(size);
  const write = {
    columns,
    columnsInParts,
    direct: directFilterGradient,
    blocks: blockedFilterGradient,
    shifts,
    swapped,
    rows,
    strips,
  }[way];
  return write(graph, {
    x,
    dy,
    filterShape,
    geometry,
  });
};

function rows(graph: Graph, { x, dy, geometry }: Request): Value {
  return filterGradientByRows(graph, { x, dy }, geometry);
}

function strips(graph: Graph, { x, dy, geometry }: Request): Value {
  return filterGradientByStrips(graph, { x, dy }, geometry);
}

/** A convolution whose batch is the channels and whose channels are the batch: strides and dilations change places. */
function swapped(graph: Graph, { x, dy, filterShape, geometry }: Request): Computed {
  const { strides, dilations, pads, kernel } = geometry;
  const inputs = [inLayout(graph, x, channelsThenBatch), inLayout(graph, dy, channelsThenBatch)];
  const all = graph.node('Conv', inputs, { strides: dilations, dilations: strides, pads });
  const name = graph.node('Slice', [all, graph.ints([0, 0]), graph.ints(kernel), graph.ints([2, 3])]);
  return computed(graph, name, { shape: filterShape, layout: [2, 3, 0, 1] });
}

/** One product for each position in the kernel: of the pixels under it with dy. */
function shifts(graph: Graph, { x, dy, filterShape, geometry }: Request): Computed {
  const [height, width, inChannels, outChannels] = filterShape;
  const { kernel, strides, dilations, output } = geometry;
  const padded = paddedBatchLast(graph, x, geometry);
  const gradient = imageMatrix(graph, dy);
  const products = windowOffsets(kernel).map(([row, column]) => {
    const part = slice(graph, padded, {
      begin: [0, row * dilations[0], column * dilations[1], 0],
      size: [x.shape[0], ...output, inChannels],
      strides: [1, ...strides, 1],
    });
    const product = withTransposed(graph, imageMatrix(graph, part), gradient);
    return graph.node('Reshape', [product, graph.ints([1, inChannels, outChannels])]);
  });
  const all = products.length === 1 ? products[0] : graph.node('Concat', products, { axis: 0 });
  return computed(graph, graph.node('Reshape', [all, graph.ints([height, width, inChannels, outChannels])]), {
    shape: filterShape,
  });
}

/** One gather of all pixels under all positions of the kernel, which the forward pass shares, and one product with dy. */
function columns(graph: Graph, { x, dy, filterShape, geometry }: Request): Computed {
  return ofColumns(graph, withTransposed(graph, imageColumns(graph, x, geometry), imageMatrix(graph, dy)), filterShape);
}

/** The same in parts that are summed. */
function columnsInParts(graph: Graph, { x, dy, filterShape, geometry }: Request): Computed {
  const parts = imageColumnsInParts(graph, x, geometry);
  const counts = parts.map((part) => part.columns);
  const gradients = columnsOf(graph, imageMatrix(graph, dy), counts);
  const products = parts.map(({ matrix }, index) => withTransposed(graph, matrix, gradients[index]));
  return ofColumns(graph, products.length === 1 ? products[0] : graph.node('Sum', products), filterShape);
}

/** @param product `[in · kernel area, out]` */
function ofColumns(graph: Graph, product: string, filterShape: Shape): Computed {
  const [height, width, inChannels, outChannels] = filterShape;
  const name = reshaped(graph, product, {
    from: [inChannels * height * width, outChannels],
    to: [inChannels, height, width, outChannels],
  });
  return computed(graph, name, { shape: filterShape, layout: [2, 0, 1, 3] });
}

/** Of a matrix: so many columns each. */
function columnsOf(graph: Graph, matrix: string, counts: readonly number[]): readonly string[] {
  if (counts.length === 1) return [matrix];
  const inputs = [matrix, graph.ints(counts)];
  return graph.nodeWithOutputs('Split', inputs, { attributes: { axis: 1 }, outputs: counts.length });
}

function withTransposed(graph: Graph, a: string, b: string): string {
  return graph.node('FusedMatMul', [a, b], { transA: 0, transB: 1 }, microsoft);
}
