/**
 * From cells to masses on the grid: a pair of distributions that dominates the true one, and one that it always dominates; a better
 * one below is in balanced.ts.
 *
 * In terms of the curve H(x) = E[(P − xQ)₊], convex in x = e^ε: masses on the grid are curves with kinks at the grid's x only. The
 * upper curve joins the points of H by chords («connect the dots», Doroshenko et al. 2022), and errs in the second order of the step.
 */

import type { TiltedCells, TiltedPmf } from './tilted.ts';

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

/** A pair below that can always be made: each loss is rounded down, with P-mass kept. Errs in the first order. */
export function flooredMasses({ grid, tilt, stay, rise }: TiltedCells): TiltedPmf {
  const fall = Math.exp(-tilt * grid.step);
  const masses = stay.map((mass, i) => mass + fall * rise[i]);
  return { step: grid.step, first: grid.first, tilt, logMoment: 0, masses };
}
