/** Batch normalization with given statistics. */

import { splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
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
  const { x, mean, variance, scale = splat(1, []), offset = splat(0, []) } = inputs;
  const spread = map(graph, 'Sqrt', { x: add(graph, variance, splat(varianceEpsilon, [])) });
  const normalized = multiply(graph, subtract(graph, x, mean), divide(graph, scale, spread));
  return add(graph, normalized, offset);
};

export const batchNorm = { FusedBatchNorm: forward } satisfies Lowerings;
