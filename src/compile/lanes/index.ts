/** How each kernel computes all lanes at once. */

import type { Value } from '../graph/value.ts';
import { gathers } from '../lowerings/gather.ts';
import { lowerings } from '../lowerings/index.ts';
import { tf } from '../tf.ts';
import { axes } from './axes.ts';
import { depthwise } from './depthwise.ts';
import { elementwise } from './elementwise.ts';
import { images } from './images.ts';
import { laneByLane } from './lane-by-lane.ts';
import { batchMatMul } from './matmul.ts';
import { type LaneRule, type LaneRules, laneShape, perLane } from './rule.ts';
import { shapes } from './shapes.ts';

interface Gather {
  readonly axis: number;
  readonly batchDims: number;
}

/** In one node where either side is shared; each lane's own indices into its own entries lane by lane. */
const gather: LaneRule<Gather> = (graph, operands, attributes) => {
  const { x, indices } = operands;
  const [along] = tf.util.parseAxisParam(attributes.axis, [...laneShape(x)]);
  const inOne = !indices.perLane || (!x.perLane && along === 0);
  if (!inOne) return laneByLane(gathers.GatherV2)(graph, operands, attributes as never);
  const axis = x.perLane ? along + 1 : along;
  return perLane(gathers.GatherV2(graph, { x: x.value, indices: indices.value }, { ...attributes, axis }) as Value);
};

const rules: LaneRules = {
  ...elementwise,
  ...shapes,
  ...axes,
  ...images,
  ...depthwise,
  BatchMatMul: batchMatMul,
  GatherV2: gather,
};

export function laneRuleOf(kernel: string): LaneRule {
  const lowering = lowerings[kernel];
  if (!lowering) throw new Error(`no lowering is known for ${kernel}`);
  return rules[kernel] ?? laneByLane(lowering);
}
