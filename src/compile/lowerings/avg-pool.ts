/**
 * Mean of each window, padding left out. As in TensorFlow.js, the gradient is divided by the whole window even where part of
 * it is padding.
 */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { asComputed, computed, inLayout, splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { multiply } from './arithmetic.ts';
import { channelsFirst, type Geometry, leftOver, type PoolAttributes, poolGeometry, tiles } from './geometry.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';
import { reshape } from './reshape.ts';
import { fromWindowEntries, mergedPixels } from './windows.ts';

const forward: Lowering<Unary, PoolAttributes> = (graph, { x }, attributes) => {
  const { kernel, strides, pads, outShape } = poolGeometry(x.shape, attributes);
  const how = { kernel_shape: kernel, strides, pads };
  const name = graph.node('AveragePool', [inLayout(graph, x, channelsFirst)], how);
  return computed(graph, name, { shape: outShape, layout: channelsFirst });
};

const backward: Lowering<{ dy: Value; input: Value }, PoolAttributes> = (graph, { dy, input }, attributes) => {
  const geometry = poolGeometry(input.shape, attributes);
  const area = geometry.kernel[0] * geometry.kernel[1];
  const share = multiply(graph, dy, splat(1 / area, []));
  if (coversAll(geometry)) return repeated(graph, share, { geometry, shape: input.shape });
  const entries = Array.from({ length: area }, () => share);
  return fromWindowEntries(graph, entries, { geometry, shape: input.shape });
};

function coversAll(geometry: Geometry): boolean {
  return tiles(geometry) && leftOver(geometry).every((rest) => rest === 0);
}

/** Each pixel becomes a block of equal ones. */
function repeated(graph: Graph, x: Value, { geometry, shape }: { geometry: Geometry; shape: Shape }): Value {
  const [batch, rows, columns, channels] = x.shape;
  const { kernel } = geometry;
  const single = asComputed(graph, reshape(graph, x, [batch, rows, 1, columns, 1, channels]));
  return mergedPixels(graph, { ...single, shape: [batch, rows, kernel[0], columns, kernel[1], channels] }, shape);
}

export const avgPool = { AvgPool: forward, AvgPoolGrad: backward } satisfies Lowerings;
