/** Kernels that act on each element by itself: operands broadcast as they do in one lane. */

import type { Value } from '../graph/value.ts';
import { arithmetic } from '../lowerings/arithmetic.ts';
import { batchNorm } from '../lowerings/batch-norm.ts';
import { functions } from '../lowerings/functions.ts';
import { logic } from '../lowerings/logic.ts';
import type { Lowering, Lowerings } from '../lowerings/lowering.ts';
import { type LaneRule, type LaneRules, laneShape, perLane, widened } from './rule.ts';

const rule =
  (lowering: Lowering): LaneRule =>
  (graph, operands, attributes) => {
    const rank = Math.max(...Object.values(operands).map((operand) => laneShape(operand).length));
    const values = Object.entries(operands).map(([name, operand]) => [name, widened(graph, operand, rank)]);
    return perLane(lowering(graph, Object.fromEntries(values) as never, attributes) as Value);
  };

const lowerings: Lowerings = { ...arithmetic, ...functions, ...logic, ...batchNorm };

export const elementwise: LaneRules = Object.fromEntries(
  Object.entries(lowerings).map(([kernel, lowering]) => [kernel, rule(lowering)]),
);
