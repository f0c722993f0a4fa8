/**
 * From cells to masses on the grid: a pair of distributions that dominates the true one, and one that it dominates.
 *
 * In terms of the curve H(x) = E[(P − xQ)₊], convex in x = e^ε: masses on the grid are curves with kinks at the grid's x
 * only. The upper curve joins the points of H by chords («connect the dots», Doroshenko et al. 2022). The lower curve
 * is the upper one less a d_i at each point that is at least the largest gap between chord and H in both cells beside
 * it, so that it lies below H everywhere; it is made convex again where that matters. A curve below H, with h(0) ≤ 1,
 * belongs to a pair that the true pair dominates, up to P-mass taken away or Q-mass added, and so do compositions
 * (Blackwell 1953). Both err in the second order of the step.
 */

import type { TiltedCells, TiltedPmf } from './tilted.ts';

/** Of a total mass near 1: above the noise of transforms, far below what counts. */
const NEGLIGIBLE = 1e-15;

/** The pair above. `below` is mass under the grid, tilted like the first point, onto which it goes up. */
export function upperMasses(cells: TiltedCells, below: number): TiltedPmf {
  const { grid, tilt, stay, rise } = cells;
  const masses = new Float64Array(grid.cells + 1);
  masses[0] = below;
  for (let i = 0; i < grid.cells; i++) {
    masses[i] += stay[i];
    masses[i + 1] += rise[i];
  }
  return { step: grid.step, first: grid.first, tilt, logMoment: 0, masses };
}

/** Of each cell, the gap of the chord over two lines that meet at its own ratio p/q: no curve can lie lower. */
function gapsOf({ grid, tilt, stay, rise }: TiltedCells): Float64Array {
  const growth = Math.exp(grid.step);
  const back = Math.exp(-tilt * grid.step);
  return stay.map((a, i) => {
    const b = rise[i] * back;
    return a > 0 && b > 0 ? ((growth - 1) * a * b) / (a * growth + b) : 0;
  });
}

/**
 * The last point of the lower pair: all mass from there on moves down to it (Q-mass kept, P-mass cut), which is
 * enough to carry what the curve is lowered by at the point before.
 */
function flooredEnd({ grid, tilt, stay, rise }: TiltedCells, gaps: Float64Array): { end: number; floored: number } {
  const { step } = grid;
  const fall = Math.exp(-(tilt + 1) * step);
  const need = Math.exp(2 * tilt * step) / -Math.expm1(-step);
  let floored = 0;
  for (let end = grid.cells - 1; end >= 2; end--) {
    floored = stay[end] + fall * (rise[end] + floored);
    if (floored > NEGLIGIBLE && floored >= gaps[end - 2] * need) return { end, floored };
  }
  return { end: 0, floored: 0 };
}

/** What the curve is lowered by at points 0 … end, in tilted P-mass. */
function loweringOf(gaps: Float64Array, end: number, growth: number): Float64Array {
  const lowering = new Float64Array(end + 1);
  for (let i = 0; i < end; i++) lowering[i] = Math.max(i < end - 1 ? gaps[i] : 0, i > 0 ? gaps[i - 1] * growth : 0);
  return lowering;
}

/** A pair below that can always be made: each loss is rounded down, with P-mass kept. Errs in the first order. */
export function flooredMasses({ grid, tilt, stay, rise }: TiltedCells): TiltedPmf {
  const fall = Math.exp(-tilt * grid.step);
  const masses = stay.map((mass, i) => mass + fall * rise[i]);
  return { step: grid.step, first: grid.first, tilt, logMoment: 0, masses };
}

/** The pair below, of the second order where masses are spread, else of the first. */
export function lowerMasses(cells: TiltedCells): TiltedPmf {
  const smooth = loweredMasses(cells);
  return smooth.masses.some((mass) => mass > 0) ? smooth : flooredMasses(cells);
}

function loweredMasses(cells: TiltedCells): TiltedPmf {
  const { grid, tilt, stay, rise } = cells;
  const { step, first } = grid;
  const gaps = gapsOf(cells);
  const { end, floored } = flooredEnd(cells, gaps);
  const up = Math.exp(tilt * step);
  const d = loweringOf(gaps, end, up);
  const masses = new Float64Array(end + 1);
  const [right, left] = [1 / Math.expm1(step), -1 / Math.expm1(-step)];
  for (let i = 0; i < end; i++) {
    const before = i === 0 ? d[0] : (d[i] - d[i - 1] * up) * left;
    const own = i === end - 1 ? stay[i] + rise[i] * Math.exp(-(tilt + 1) * step) : stay[i];
    masses[i] = own + (i > 0 ? rise[i - 1] : 0) - (d[i + 1] / up - d[i]) * right + before;
  }
  if (end > 0) masses[end] = floored - d[end - 1] * up * left;
  return { step, first, tilt, logMoment: 0, masses: convex(masses, step, tilt) };
}

/** Takes away points at which the curve is not convex: their mass goes to both neighbours, along the chord. */
function convex(masses: Float64Array, step: number, tilt: number): Float64Array {
  const kept: number[] = [];
  for (let i = 0; i < masses.length; i++) {
    kept.push(i);
    while (kept.length > 0 && masses[kept[kept.length - 1]] < 0) {
      const bad = kept.pop() as number;
      if (i + 1 === masses.length) return new Float64Array(masses.length);
      const mass = masses[bad];
      masses[bad] = 0;
      const ahead = (i + 1 - bad) * step;
      const previous = kept[kept.length - 1];
      const behind = previous === undefined ? Number.POSITIVE_INFINITY : (bad - previous) * step;
      const share = Math.expm1(-behind) / Math.expm1(-behind - ahead); // of the Q-mass, to the point ahead: × e^-ahead
      masses[i + 1] += mass * share * Math.exp(tilt * ahead);
      if (previous === undefined) continue;
      const toPrevious = Math.expm1(ahead) / (Math.exp(ahead) - Math.exp(-behind));
      masses[previous] += mass * toPrevious * Math.exp(-(tilt + 1) * behind);
    }
  }
  return masses;
}
