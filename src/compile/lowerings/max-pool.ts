/** Largest value of each window. Of several equal ones the first, row by row, takes the whole gradient. */

import type { Graph } from '../graph/graph.ts';
import { computed, inLayout } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { multiply, subtract } from './arithmetic.ts';
import { cast, combine } from './broadcasting.ts';
import { channelsFirst, type PoolAttributes, poolGeometry } from './geometry.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';
import { fromWindowEntries, liesBatchLast, windowEntries } from './windows.ts';

const forward: Lowering<Unary, PoolAttributes> = (graph, { x }, attributes) => {
  const geometry = poolGeometry(x.shape, attributes);
  if (liesBatchLast(x)) {
    const entries = windowEntries(graph, x, { geometry, filler: Number.NEGATIVE_INFINITY });
    return entries.reduce((best, entry) => combine(graph, 'Max', [best, entry])); // nodes that the gradient shares
  }
  const { kernel, strides, pads, outShape } = geometry;
  const name = graph.node('MaxPool', [inLayout(graph, x, channelsFirst)], { kernel_shape: kernel, strides, pads });
  return computed(graph, name, { shape: outShape, dtype: x.dtype, layout: channelsFirst });
};

const backward: Lowering<{ dy: Value; input: Value }, PoolAttributes> = (graph, { dy, input }, attributes) => {
  const geometry = poolGeometry(input.shape, attributes);
  const entries = windowEntries(graph, input, { geometry, filler: Number.NEGATIVE_INFINITY });
  return fromWindowEntries(graph, prizes(graph, entries, dy), { geometry, shape: input.shape });
};

/**
 * A tournament: entry after entry challenges the largest so far, and must be strictly larger to replace it. Going back,
 * the last one who won takes dy and leaves exactly 0 to those before.
 */
function prizes(graph: Graph, entries: readonly Value[], dy: Value): Value[] {
  const [first, ...challengers] = entries;
  const wins: Value[] = [];
  let best = first;
  for (const challenger of challengers) {
    wins.push(combine(graph, 'Greater', [challenger, best], 'bool'));
    best = combine(graph, 'Max', [best, challenger]);
  }
  let rest = dy;
  const taken = wins.toReversed().map((won) => {
    const prize = multiply(graph, rest, cast(graph, won, 'float32')); // faster than a choice
    rest = subtract(graph, rest, prize);
    return prize;
  });
  return [rest, ...taken.reverse()];
}

export const maxPool = { MaxPool: forward, MaxPoolGrad: backward } satisfies Lowerings;
