/**
 * The `pld` accountant: privacy loss distributions on a grid, with an upper and a lower bound on ε.
 *
 * Each mechanism's loss is put on a grid by a pair of distributions that dominates the true one, or that it dominates
 * (bounds.ts), tilted by e^(θl) (tilted.ts), and composed by Fourier transforms, many releases first on a fine grid and
 * then on a coarse one (Gopi et al. 2021; Koskela et al. 2020; Doroshenko et al. 2022). What lies outside windows, and
 * the rounding of transforms, is added to δ or taken off.
 */

import { lowerMasses, upperMasses } from './bounds.ts';
import { massOutside, roundingOf, summed, type Term, type Window } from './compose.ts';
import { epsilonAt, type Tail } from './epsilon.ts';
import { gridOver, logMomentOf } from './loss-law.ts';
import { type Part, type PartPlan, type Plan, planFor, type Span } from './plan.ts';
import { coarseCells } from './regrid.ts';
import { normalized, type TiltedCells, type TiltedPmf, tiltedCells } from './tilted.ts';

export type Side = 'upper' | 'lower';

function windowOf({ low, high }: Span, step: number): Window {
  const length = 2 ** Math.ceil(Math.log2(Math.max(64, (high - low) / step + 3)));
  return { lowest: Math.floor((low + high) / 2 / step - length / 2), length };
}

function massesOf(cells: TiltedCells, side: Side, below: number): TiltedPmf {
  return normalized(side === 'upper' ? upperMasses(cells, below) : lowerMasses(cells));
}

function singleRelease(
  { law, count }: Part,
  { tilt, step, side }: { tilt: number; step: number; side: Side },
): TiltedPmf {
  const { grid, below } = gridOver(law, step, { tilt, count });
  const shift = logMomentOf(law.nodes, tilt);
  const pmf = massesOf(
    tiltedCells(law.cells(grid), grid, { tilt, shift }),
    side,
    below * Math.exp(tilt * grid.first * step - shift),
  );
  return { ...pmf, logMoment: pmf.logMoment + shift };
}

interface Staged {
  readonly terms: readonly Term[];
  readonly rounding: number;
  readonly outside: number;
}

/** A part on the coarse grid: composed on its fine grid first where the plan says so. */
function staged(part: Part, own: PartPlan, { plan, side }: { plan: Plan; side: Side }): Staged {
  const { tilt, step } = plan;
  const { stage } = own;
  if (stage === 1) {
    const pmf = singleRelease(part, { tilt, step, side });
    return { terms: [{ pmf, count: part.count }], rounding: 0, outside: 0 };
  }
  const fine = singleRelease(part, { tilt, step: own.step, side });
  const window = windowOf(own.span, own.step);
  const blocks = Math.floor(part.count / stage);
  const groups = [
    { copies: stage, count: blocks },
    { copies: part.count - stage * blocks, count: 1 },
  ].filter(({ copies }) => copies > 0);
  let [rounding, outside] = [0, 0];
  const terms = groups.map(({ copies, count }) => {
    const parts = [{ pmf: fine, count: copies }];
    const composed = summed(parts, window);
    rounding += count * roundingOf(copies, window);
    outside += count * massOutside(parts, window, own.span);
    const coarse = massesOf(coarseCells(composed, step), side, 0);
    return { pmf: { ...coarse, logMoment: coarse.logMoment + composed.logMoment }, count };
  });
  return { terms, rounding, outside };
}

/** The composed loss and what it misses. */
function composedTail(parts: readonly Part[], plan: Plan, side: Side): Tail {
  const all = parts.map((part, k) => staged(part, plan.parts[k] as PartPlan, { plan, side }));
  const terms = all.flatMap((one) => one.terms);
  const window = windowOf(plan.span, plan.step);
  const copies = terms.reduce((sum, { count }) => sum + count, 0);
  const outside = massOutside(terms, window, plan.span) + all.reduce((sum, one) => sum + one.outside, 0);
  const rounding = roundingOf(copies, window) + all.reduce((sum, one) => sum + one.rounding, 0);
  const infinite = side === 'upper' ? parts.reduce((sum, { law, count }) => sum + count * law.above, 0) : 0;
  return { pmf: summed(terms, window), outside, rounding, infinite };
}

/** 0, which always holds, where no pair below could be made. */
function lowerOf(tail: Tail, delta: number): number {
  return Number.isFinite(tail.pmf.logMoment) ? epsilonAt(tail, delta, -1) : 0;
}

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
  /** Of upper − lower, what rounding explains. */
  readonly floatError: number;
}

/** ε at δ > 0, between bounds, of releases with these laws. */
export function pldBounds(parts: readonly Part[], delta: number): Bounds {
  const plan = planFor(parts, delta);
  const tail = composedTail(parts, plan, 'upper');
  const upper = epsilonAt(tail, delta, 1);
  const lower = Math.min(upper, lowerOf(composedTail(parts, plan, 'lower'), delta));
  return { lower, upper, floatError: upper - epsilonAt({ ...tail, rounding: 0 }, delta, 1) };
}

/** The upper bound alone. */
export function pldUpper(parts: readonly Part[], delta: number): number {
  return epsilonAt(composedTail(parts, planFor(parts, delta), 'upper'), delta, 1);
}
