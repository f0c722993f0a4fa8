/** Kernels that reduce axes. */

import type { Shape } from '../../contracts/array.ts';
import type { Dtype } from '../graph/graph.ts';
import { computed, plain } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';

interface Axes {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

const reduction =
  (op: string, dtypeOf: (value: Value) => Dtype = (value) => value.dtype): Lowering<Unary, Axes> =>
  (graph, { x }, { axis, keepDims }) => {
    const axes = tf.util.parseAxisParam(axis, [...x.shape]);
    const shape = reducedShape(x.shape, axes, keepDims);
    const name = graph.node(op, [plain(graph, x), graph.ints(axes)], {
      keepdims: keepDims ? 1 : 0,
      noop_with_empty_axes: 1,
    });
    return computed(graph, name, { shape, dtype: dtypeOf(x) });
  };

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}

export const reductions = {
  Sum: reduction('ReduceSum'),
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Softmax: (graph, { logits }: { logits: Value }) =>
    computed(graph, graph.node('Softmax', [plain(graph, logits)], { axis: -1 }), { shape: logits.shape }),
  LogSoftmax: (graph, { logits }: { logits: Value }) =>
    computed(graph, graph.node('LogSoftmax', [plain(graph, logits)], { axis: -1 }), { shape: logits.shape }),
} satisfies Lowerings;
