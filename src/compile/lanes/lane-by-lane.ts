/** A kernel without a rule of its own, written once for every lane. */

import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { concat } from '../lowerings/joins.ts';
import type { Lowering } from '../lowerings/lowering.ts';
import { reshape } from '../lowerings/reshape.ts';
import { sliceAxis } from '../lowerings/slices.ts';
import { type LaneRule, laneShape, type Operand, perLane } from './rule.ts';

export const laneByLane =
  (lowering: Lowering): LaneRule =>
  (graph, operands, attributes) => {
    const results = Array.from({ length: graph.lanes }, (_, lane) => {
      const values = Object.entries(operands).map(([name, operand]) => [name, ofLane(graph, operand, lane)]);
      return lowering(graph, Object.fromEntries(values) as never, attributes);
    });
    if (!Array.isArray(results[0])) return perLane(stacked(graph, results as Value[]));
    return results[0].map((_, output) =>
      perLane(
        stacked(
          graph,
          results.map((result) => (result as Value[])[output] as Value),
        ),
      ),
    );
  };

function ofLane(graph: Graph, operand: Operand, lane: number): Value {
  if (!operand.perLane) return operand.value;
  const single = sliceAxis(graph, operand.value, { axis: 0, start: lane, length: 1 });
  return reshape(graph, single, laneShape(operand));
}

function stacked(graph: Graph, values: readonly Value[]): Value {
  const singles = values.map((value) => reshape(graph, value, [1, ...value.shape]));
  return concat(graph, singles, 0);
}
