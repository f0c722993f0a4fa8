/**
 * Laws whose losses are counted from a loss of their own. Where few records are sampled nearly all losses are equal, and a grid
 * that does not lie well would move them all, in every one of many releases.
 */

import { lyingShifts } from './balanced.ts';
import type { LossLaw } from './loss-law.ts';
import { tiltedCells } from './tilted.ts';

export interface ShiftedLaw {
  readonly law: LossLaw;
  /** By how much the law's losses are below the true ones, but for rounding (`lowered`, `raised`). */
  readonly shift: number;
}

/** Of log P/Q of a point. */
const ROUNDING = 64 * Number.EPSILON;

/** The shift less what rounding can make of it. */
export function lowered(shift: number): number {
  return shift - ROUNDING * (1 + Math.abs(shift));
}

/** The shift and what rounding can make of it. */
export function raised(shift: number): number {
  return shift + ROUNDING * (1 + Math.abs(shift));
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

/** Cells on each side of the middle by which the grid is laid. */
const CELLS_AROUND = 64;

const PLACES = 4;

/** The law counted from a loss at which the grid of `balancedMasses` lies well. */
export function wellLyingLaw(law: LossLaw, step: number): ShiftedLaw {
  const middle = quantileOf(law, 0.5);
  const grid = { step, first: -CELLS_AROUND, cells: 2 * CELLS_AROUND };
  const cellsAt = (by: number) => tiltedCells(law.cells(grid, middle + by), grid, { tilt: 0, shift: 0 });
  const [offset = 0] = lyingShifts(cellsAt(0), { cellsAt, places: PLACES });
  const shift = middle + offset;
  return { shift, law: shifted(law, shift) };
}

/** The law counted from where its bulk begins, so that rounding down hardly moves that. */
export function lowShiftedLaw(law: LossLaw): ShiftedLaw {
  const shift = quantileOf(law, 1e-3);
  return { shift, law: shifted(law, shift) };
}
