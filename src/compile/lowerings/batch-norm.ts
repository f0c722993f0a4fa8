/** Batch normalization with given statistics. */

import { sameShape } from '../../arrays/ndarray.ts';
import { computed, plain, splat } from '../graph/stored.ts';
import type { Computed, Value } from '../graph/value.ts';
import { add, divide, multiply, subtract } from './arithmetic.ts';
import { map } from './broadcasting.ts';
import type { Lowering, Lowerings } from './lowering.ts';

interface Inputs {
  readonly x: Value;
  readonly mean: Value;
  readonly variance: Value;
  readonly scale?: Value;
  readonly offset?: Value;
}

/** (x − mean) ÷ √(variance + ε) · scale + offset */
const forward: Lowering<Inputs, { varianceEpsilon: number }> = (graph, inputs, { varianceEpsilon }) => {
  const { x, mean, variance, scale = splat(1, mean.shape), offset = splat(0, mean.shape) } = inputs;
  const vectors = [scale, offset, mean, variance] as const;
  if (isInPlanes(x) && vectors.every(({ shape }) => shape.length === 1)) {
    const names = vectors.map((vector) => plain(graph, vector));
    const name = graph.node('BatchNormalization', [x.name, ...names], { epsilon: { float: varianceEpsilon } });
    return computed(graph, name, { shape: x.shape, layout: x.layout });
  }
  const spread = map(graph, 'Sqrt', { x: add(graph, variance, splat(varianceEpsilon, [])) });
  const normalized = multiply(graph, subtract(graph, x, mean), divide(graph, scale, spread));
  return add(graph, normalized, offset);
};

/** Each channel of an example lies together, as the runtime's own operator takes it. */
function isInPlanes(x: Value): x is Computed {
  return x.kind === 'computed' && x.layout.length === 4 && x.layout[1] === 3 && sameShape(x.extent, x.shape);
}

export const batchNorm = { FusedBatchNorm: forward } satisfies Lowerings;
