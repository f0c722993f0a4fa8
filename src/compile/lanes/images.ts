/**
 * Kernels on images `[batch, height, width, channels]`: lanes join the batch wherever they share the filter. With a filter for
 * each lane, lanes are groups of one convolution.
 */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { avgPool } from '../lowerings/avg-pool.ts';
import { conv2d } from '../lowerings/conv2d.ts';
import { conv2dBackpropInput } from '../lowerings/conv2d-backprop-input.ts';
import type { ConvAttributes } from '../lowerings/geometry.ts';
import { groupedConv2d, groupedConv2dBackpropFilter, groupedConv2dBackpropInput } from '../lowerings/grouped-conv2d.ts';
import type { Lowering, Lowerings } from '../lowerings/lowering.ts';
import { maxPool } from '../lowerings/max-pool.ts';
import { reshape, reshapes } from '../lowerings/reshape.ts';
import { resize } from '../lowerings/resize.ts';
import { type LaneRule, type LaneRules, type Operand, perLane, spread } from './rule.ts';

type ToImage = ConvAttributes & { readonly inputShape: Shape };
type ToFilter = ConvAttributes & { readonly filterShape: Shape };

/** `[lanes · batch, …]` */
function joined(graph: Graph, operand: Operand): Value {
  const value = spread(graph, operand);
  const [lanes, batch, ...rest] = value.shape;
  return reshape(graph, value, [lanes * batch, ...rest]);
}

/** The adjoint of `joined`. */
function parted(graph: Graph, value: Value): Operand {
  const [all, ...rest] = value.shape;
  return perLane(reshape(graph, value, [graph.lanes, all / graph.lanes, ...rest]));
}

/** All operands are images. */
const asOneBatch =
  (lowering: Lowering): LaneRule =>
  (graph, operands, attributes) => {
    const images = Object.entries(operands).map(([name, operand]) => [name, joined(graph, operand)]);
    return parted(graph, lowering(graph, Object.fromEntries(images) as never, attributes) as Value);
  };

const pixelwise: Lowerings = { ...avgPool, ...maxPool, ...resize, DepthToSpace: reshapes.DepthToSpace };

const forward: LaneRule<ConvAttributes> = (graph, { x, filter }, attributes) =>
  filter.perLane
    ? perLane(groupedConv2d(graph, { x: spread(graph, x), filter: filter.value }, attributes))
    : parted(graph, conv2d(graph, { x: joined(graph, x), filter: filter.value }, attributes) as Value);

const toImage: LaneRule<ToImage> = (graph, { dy, filter }, attributes) => {
  if (filter.perLane) {
    return perLane(groupedConv2dBackpropInput(graph, { dy: spread(graph, dy), filter: filter.value }, attributes));
  }
  const [batch, ...pixels] = attributes.inputShape;
  const all = { ...attributes, inputShape: [graph.lanes * batch, ...pixels] };
  return parted(graph, conv2dBackpropInput(graph, { dy: joined(graph, dy), filter: filter.value }, all) as Value);
};

const toFilter: LaneRule<ToFilter> = (graph, { x, dy }, attributes) =>
  perLane(groupedConv2dBackpropFilter(graph, { x: spread(graph, x), dy: spread(graph, dy) }, attributes));

export const images: LaneRules = {
  ...Object.fromEntries(Object.entries(pixelwise).map(([kernel, lowering]) => [kernel, asOneBatch(lowering)])),
  Conv2D: forward,
  Conv2DBackpropInput: toImage,
  Conv2DBackpropFilter: toFilter,
};
