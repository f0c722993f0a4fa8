/** Kernels that give the same numbers another shape, and those whose result is known. */

import { sizeOf } from '../../arrays/ndarray.ts';
import { splat } from '../graph/stored.ts';
import { reshape, transpose } from '../lowerings/reshape.ts';
import { tf } from '../tf.ts';
import { type LaneRule, type LaneRules, laneShape, type Operand, perLane } from './rule.ts';

const reshaped =
  (shapeOf: (shape: readonly number[], attributes: never) => readonly number[]): LaneRule =>
  (graph, operands, attributes) => {
    const [operand] = Object.values(operands) as [Operand];
    return perLane(reshape(graph, operand.value, [graph.lanes, ...shapeOf(laneShape(operand), attributes)]));
  };

/** Like the operand of one lane, and the same in all. */
const known =
  (value: number): LaneRule =>
  (_, operands) => {
    const [operand] = Object.values(operands) as [Operand];
    return { value: splat(value, laneShape(operand), operand.value.dtype), perLane: false };
  };

export const shapes: LaneRules = {
  ExpandDims: reshaped((shape, { dim }: { dim: number }) =>
    shape.toSpliced(dim < 0 ? dim + shape.length + 1 : dim, 0, 1),
  ),
  Identity: (_, { x }) => x as Operand,
  OnesLike: known(1),
  Reshape: reshaped((from, { shape }: { shape: number[] }) => tf.util.inferFromImplicitShape(shape, sizeOf(from))),
  Transpose: (graph, { x }, { perm }: { perm: number[] }) =>
    perLane(transpose(graph, (x as Operand).value, [0, ...perm.map((axis) => axis + 1)])),
  ZerosLike: known(0),
};
