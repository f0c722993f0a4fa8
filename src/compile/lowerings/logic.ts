/** Comparisons, logic, and choices by them. */

import type { Dtype, Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { cast, combine, map } from './broadcasting.ts';
import type { Binary, Lowering, Lowerings, Unary } from './lowering.ts';

const truth =
  (op: string): Lowering<Binary> =>
  (graph, { a, b }) =>
    combine(graph, op, [a, b], 'bool');

function not(graph: Graph, x: Value): Value {
  return map(graph, 'Not', { x, dtype: 'bool' });
}

interface Choice {
  readonly condition: Value;
  readonly t: Value;
  readonly e: Value;
}

function select(graph: Graph, { condition, t, e }: Choice): Value {
  if (t.dtype !== 'bool') return combine(graph, 'Where', [condition, t, e], t.dtype);
  const both = combine(graph, 'And', [condition, t], 'bool'); // the runtime's Where takes no booleans
  return combine(graph, 'Or', [both, combine(graph, 'And', [not(graph, condition), e], 'bool')], 'bool');
}

const isNan = (graph: Graph, x: Value) => map(graph, 'IsNaN', { x, dtype: 'bool' });
const isInf = (graph: Graph, x: Value) => map(graph, 'IsInf', { x, dtype: 'bool' });

export const logic = {
  Cast: (graph, { x }: Unary, { dtype }: { dtype: Dtype }) => cast(graph, x, dtype),
  Equal: truth('Equal'),
  Greater: truth('Greater'),
  GreaterEqual: truth('GreaterOrEqual'),
  IsFinite: (graph, { x }: Unary) => not(graph, combine(graph, 'Or', [isNan(graph, x), isInf(graph, x)], 'bool')),
  IsInf: (graph, { x }: Unary) => isInf(graph, x),
  IsNan: (graph, { x }: Unary) => isNan(graph, x),
  Less: truth('Less'),
  LessEqual: truth('LessOrEqual'),
  LogicalAnd: truth('And'),
  LogicalNot: (graph, { x }: Unary) => not(graph, x),
  LogicalOr: truth('Or'),
  NotEqual: (graph, { a, b }: Binary) => not(graph, combine(graph, 'Equal', [a, b], 'bool')),
  Select: select,
} satisfies Lowerings;
