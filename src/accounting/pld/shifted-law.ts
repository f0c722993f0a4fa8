/**
 * Laws whose losses are nearly all equal, as where few records are sampled: put on a grid, the bulk would be smeared
 * over a cell, in every one of many releases. Here losses are counted from it, so that it and its sums lie on the grid.
 */

import type { Cells, Grid, LossLaw } from './loss-law.ts';

export interface ShiftedLaw {
  readonly law: LossLaw;
  /** By how much the law's losses are below the true ones, at most. */
  readonly shift: number;
}

/** The P-mass that a bulk has at least. */
const LEAST_BULK = 0.3;
/** Of log P/Q of the bulk. */
const ROUNDING = 64 * Number.EPSILON;
/** Beyond it e^step is no number. */
const WIDEST_STEP = 100;

/** P-mass of the losses within a step of `shift`, and the logarithm of its ratio to their Q-mass, less `shift`. */
function bulkAt(law: LossLaw, step: number, shift: number): { mass: number; excess: number } {
  const { mass, rise } = law.cells({ step, first: -1, cells: 2 }, shift);
  const [below, above] = [mass[0] as number, mass[1] as number];
  const whole = -Math.expm1(-step);
  const [risenBelow, risenAbove] = [whole * (rise[0] as number), whole * (rise[1] as number)];
  const lost = risenBelow + risenAbove - Math.expm1(step) * (below - risenBelow);
  return { mass: below + above, excess: -Math.log1p(-lost / (below + above)) };
}

/** The loss that so much of the P-mass lies below. */
function quantileOf({ nodes: { losses, logMasses } }: LossLaw, share: number): number {
  const order = Array.from(losses.keys()).sort((a, b) => losses[a] - losses[b]);
  let sum = 0;
  const found = order.find((j) => {
    sum += Math.exp(logMasses[j]);
    return sum >= share;
  });
  return losses[found ?? (order[order.length - 1] as number)];
}

function shifted(law: LossLaw, shift: number): LossLaw {
  const losses = law.nodes.losses.map((loss) => loss - shift);
  return {
    ...law,
    nodes: { ...law.nodes, losses },
    highest: law.highest - shift,
    cells: (grid) => law.cells(grid, shift),
  };
}

/** Moves what lies within a step of 0 onto 0. */
function merged({ mass, rise }: Cells, { first, cells }: Grid): Cells {
  const left = -1 - first;
  if (left < 0 || left + 1 >= cells) return { mass, rise };
  const total = mass[left] + mass[left + 1];
  [mass[left], rise[left], mass[left + 1], rise[left + 1]] = [total, total, 0, 0];
  return { mass, rise };
}

/**
 * The law with its bulk, the losses within a step of the middle, made one outcome, which only loses information, and
 * counted from there; `null` where there is no bulk.
 */
export function mergedLaw(law: LossLaw, step: number): ShiftedLaw | null {
  if (step > WIDEST_STEP) return null;
  let shift = quantileOf(law, 0.5);
  for (let trial = 0; trial < 4; trial++) shift += bulkAt(law, step, shift).excess;
  const { mass, excess } = bulkAt(law, step, shift);
  if (!(mass >= LEAST_BULK && Math.abs(excess) < ROUNDING)) return null;
  const whole = shifted(law, shift);
  return { shift: shift - ROUNDING, law: { ...whole, cells: (grid) => merged(whole.cells(grid), grid) } };
}

/** The law counted from where its bulk begins, so that rounding down hardly moves that. */
export function lowShiftedLaw(law: LossLaw): ShiftedLaw {
  const shift = quantileOf(law, 1e-3);
  return { shift: shift - ROUNDING * Math.abs(shift), law: shifted(law, shift) };
}
