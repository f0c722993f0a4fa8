/** A kernel without a rule of its own, written once for every lane. */

import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { pack } from '../lowerings/joins.ts';
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
    if (!Array.isArray(results[0])) return perLane(pack(graph, results as Value[], 0));
    const lists = results as Value[][];
    return lists[0].map((_, output) =>
      perLane(
        pack(
          graph,
          lists.map((list) => list[output]),
          0,
        ),
      ),
    );
  };

function ofLane(graph: Graph, operand: Operand, lane: number): Value {
  if (!operand.perLane) return operand.value;
  const single = sliceAxis(graph, operand.value, { axis: 0, start: lane, length: 1 });
  return reshape(graph, single, laneShape(operand));
}
