/** Kernels that are told axes or bounds: those of the lanes come before them. */

import type { Shape } from '../../contracts/array.ts';
import type { Value } from '../graph/value.ts';
import { gathers } from '../lowerings/gather.ts';
import { joins } from '../lowerings/joins.ts';
import type { Lowerings } from '../lowerings/lowering.ts';
import { reductions } from '../lowerings/reductions.ts';
import { type StridedSlice, slices } from '../lowerings/slices.ts';
import { tf } from '../tf.ts';
import { type LaneRule, type LaneRules, laneShape, type Operand, perLane, spread } from './rule.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** The attributes for all lanes, from those for one and the shape of its first operand. */
type Shift = (attributes: Attributes, shape: Shape, lanes: number) => Attributes;

const lowerings: Lowerings = { ...reductions, ...slices, ...joins, ...gathers };

/** The kernel itself, with all operands per lane and its attributes shifted. */
function shifted(kernel: string, shift: Shift): LaneRule<Attributes> {
  const lowering = lowerings[kernel];
  if (!lowering) throw new Error(`no lowering is known for ${kernel}`);
  return (graph, operands, attributes) => {
    const values = Object.entries(operands).map(([name, operand]) => [name, spread(graph, operand)]);
    const [first] = Object.values(operands) as [Operand];
    const given = shift(attributes, laneShape(first), graph.lanes);
    const result = lowering(graph, Object.fromEntries(values) as never, given as never);
    return Array.isArray(result) ? result.map(perLane) : perLane(result as Value);
  };
}

const unchanged: Shift = (attributes) => attributes;

/** Axes of one lane, counted with the lanes before them. */
const after = (axis: unknown, shape: Shape): number[] =>
  tf.util.parseAxisParam(axis as number | number[], [...shape]).map((along) => along + 1);

const along: Shift = (attributes, shape) => ({ ...attributes, axis: after(attributes['axis'], shape)[0] });

/** A reduction without axes is one over all axes of a lane. */
const reduced: Shift = ({ axis, reductionIndices, ...others }, shape) => ({
  ...others,
  axis: after(reductionIndices ?? axis ?? shape.map((_, i) => i), shape),
});

const sliced: Shift = ({ begin, size }, shape, lanes) => {
  const [from, lengths] = tf.slice_util.parseSliceParams({ shape: [...shape] } as never, begin as [], size as []);
  return { begin: [0, ...from], size: [lanes, ...lengths] };
};

/** Bit i of a mask speaks of entry i of the bounds. */
const strided: Shift = (attributes, _, lanes) => {
  const { begin, end, strides, ...masks } = attributes as unknown as StridedSlice;
  const shiftedMasks = Object.entries(masks).map(([name, mask]) => [name, mask << 1]);
  return { ...Object.fromEntries(shiftedMasks), begin: [0, ...begin], end: [lanes, ...end], strides: [1, ...strides] };
};

const paddedAfter: Shift = (attributes) => ({
  ...attributes,
  paddings: [[0, 0], ...(attributes['paddings'] as number[][])],
});

const shifts: Readonly<Record<string, Shift>> = {
  All: reduced,
  Any: reduced,
  Max: reduced,
  Mean: reduced,
  Min: reduced,
  Prod: reduced,
  Sum: reduced,
  ArgMax: along,
  ArgMin: along,
  Cumprod: along,
  Cumsum: along,
  Softmax: unchanged,
  TopK: unchanged,
  Concat: along,
  Pack: (attributes, shape, lanes) => along(attributes, [...shape, 1], lanes), // the axis is one of the result
  MirrorPad: paddedAfter,
  PadV2: paddedAfter,
  Tile: ({ reps }) => ({ reps: [1, ...(reps as number[])] }),
  OneHot: unchanged,
  Reverse: ({ dims }, shape) => ({ dims: after(dims, shape) }),
  Slice: sliced,
  SplitV: along,
  StridedSlice: strided,
  Unpack: along,
};

export const axes: LaneRules = Object.fromEntries(
  Object.entries(shifts).map(([kernel, shift]) => [kernel, shifted(kernel, shift)]),
);
