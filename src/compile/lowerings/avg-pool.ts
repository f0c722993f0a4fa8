/**
 * Mean of each window, padding left out. As in TensorFlow.js, the gradient is divided by the whole window even where part of
 * it is padding.
 */

import { computed, inLayout, splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { multiply } from './arithmetic.ts';
import { channelsFirst, type PoolAttributes, poolGeometry } from './geometry.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';
import { fromWindowEntries } from './windows.ts';

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
  const entries = Array.from({ length: area }, () => share);
  return fromWindowEntries(graph, entries, { geometry, shape: input.shape });
};

export const avgPool = { AvgPool: forward, AvgPoolGrad: backward } satisfies Lowerings;
