/**
 * Exponentially tilted distributions of losses on a grid: masses times e^(θl), so that what matters at small δ is not
 * small, and the rounding of a Fourier transform is relative to it.
 */

import type { Cells, Grid } from './loss-law.ts';

/** What is put on the lower (`stay`) and upper end (`rise`) of each cell, tilted. */
export interface TiltedCells {
  readonly grid: Grid;
  readonly tilt: number;
  readonly stay: Float64Array;
  readonly rise: Float64Array;
}

/** Masses at (first + i)·step that sum to 1 once multiplied by e^logMoment ÷ e^(tilt·loss): P-masses. */
export interface TiltedPmf {
  readonly step: number;
  readonly first: number;
  readonly tilt: number;
  readonly logMoment: number;
  readonly masses: Float64Array;
}

/**
 * Factors that grow by the same ratio from loss to loss are taken anew after so many: until then they are off by at most 1.5 ε a
 * step, which `roundingOf` pays for.
 */
export const RENEWED = 16;

/** The sum of masses. */
export function totalOf(masses: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < masses.length; i++) sum += masses[i];
  return sum;
}

/** Scales the masses to sum to 1. */
export function normalized(pmf: TiltedPmf): TiltedPmf {
  const sum = totalOf(pmf.masses);
  const masses = new Float64Array(pmf.masses.length);
  for (let i = 0; i < masses.length; i++) masses[i] = pmf.masses[i] / sum;
  return { ...pmf, masses, logMoment: pmf.logMoment + Math.log(sum) };
}

/** Tilts the cells of a law; `shift` is taken off the exponents, against overflow. */
export function tiltedCells({ mass, rise }: Cells, grid: Grid, { tilt, shift }: { tilt: number; shift: number }) {
  const stay = new Float64Array(grid.cells);
  const risen = new Float64Array(grid.cells);
  let factor = Math.exp(tilt * grid.first * grid.step - shift);
  const exact = tilt * grid.step * grid.cells < 600 && factor > 1e-280;
  const ratio = Math.exp(tilt * grid.step);
  for (let i = 0; i < grid.cells; i++) {
    if (!exact || i % RENEWED === 0) factor = Math.exp(tilt * (grid.first + i) * grid.step - shift);
    stay[i] = (mass[i] - rise[i]) * factor;
    factor *= ratio;
    risen[i] = rise[i] * factor;
  }
  return { grid, tilt, stay, rise: risen };
}

/** log Σ mass · e^(t · loss): the logarithm of the moment at tilt + t, over that at tilt. */
export function logMomentFurther({ masses, first, step }: TiltedPmf, further: number): number {
  let sum = 0;
  const top = further > 0 ? first + masses.length - 1 : first;
  const ratio = Math.exp(further * step);
  for (let i = 0, factor = 0; i < masses.length; i++) {
    factor = i % RENEWED === 0 ? Math.exp(further * (first + i - top) * step) : factor * ratio;
    sum += masses[i] * factor;
  }
  return Math.log(sum) + further * top * step;
}

/** Mean of the index (first + i), tilted. */
export function meanIndex({ masses, first }: TiltedPmf): number {
  let sum = 0;
  for (let i = 0; i < masses.length; i++) sum += i * masses[i];
  return first + sum;
}
