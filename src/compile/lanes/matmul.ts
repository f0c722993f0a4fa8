import { product } from '../lowerings/matmul.ts';
import { type LaneRule, laneShape, type Operand, perLane, widened } from './rule.ts';

/** A matrix that all lanes share meets the rows of all lanes in one product. */
export const batchMatMul: LaneRule<{ readonly transposeA: boolean; readonly transposeB: boolean }> = (
  graph,
  operands,
  attributes,
) => {
  const [a, b] = [operands['a'], operands['b']] as [Operand, Operand];
  const rank = Math.max(laneShape(a).length, laneShape(b).length);
  return perLane(product(graph, widened(graph, a, rank), widened(graph, b, rank), attributes));
};
