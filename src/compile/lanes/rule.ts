/**
 * Several calls of one function as one graph: each call is a lane, and a value that differs between them has the lanes as axis 0
 * of what is stored. The function that is traced sees none of this: to it every tensor has the shape of a single call.
 */

import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import { tile } from '../lowerings/joins.ts';
import { reshape } from '../lowerings/reshape.ts';

export interface Operand {
  /** `[lanes, ...shape]` where it is per lane, `[...shape]` where all lanes share it. */
  readonly value: Value;
  readonly perLane: boolean;
}

export type Operands = Readonly<Record<string, Operand>>;

/** One kernel for all lanes: takes its operands, at least one of them per lane, to its results. */
export type LaneRule<Attributes = never> = (
  graph: Graph,
  operands: Operands,
  attributes: Attributes,
) => Operand | readonly Operand[];

export type LaneRules = Readonly<Record<string, LaneRule>>;

export const perLane = (value: Value): Operand => ({ value, perLane: true });

/** The shape of one lane. */
export function laneShape({ value, perLane: isPerLane }: Operand): readonly number[] {
  return isPerLane ? value.shape.slice(1) : value.shape;
}

/** The operand for every lane: what they share repeats. */
export function spread(graph: Graph, { value, perLane: isPerLane }: Operand): Value {
  if (isPerLane) return value;
  const single = reshape(graph, value, [1, ...value.shape]);
  return tile(graph, single, [graph.lanes, ...value.shape.map(() => 1)]);
}

/** Leading axes of size 1 before the shape of one lane, up to `rank` axes: so that lanes stand against lanes. */
export function widened(graph: Graph, operand: Operand, rank: number): Value {
  const shape = laneShape(operand);
  if (!operand.perLane || shape.length === rank) return operand.value;
  const ones = Array.from({ length: rank - shape.length }, () => 1);
  return reshape(graph, operand.value, [graph.lanes, ...ones, ...shape]);
}
