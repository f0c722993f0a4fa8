/** From a fine grid to a coarser one. */

import type { TiltedCells, TiltedPmf } from './tilted.ts';

/**
 * The cells of the coarse grid, each fine mass split between the two ends so that both distributions keep their mass:
 * w = expm1(−f)/expm1(−H) of the P-mass at distance f goes up.
 */
export function coarseCells(pmf: TiltedPmf, step: number, shift = 0): TiltedCells {
  const { tilt, masses } = pmf;
  const first = Math.floor((pmf.first * pmf.step - shift) / step) - 1;
  const cells = Math.ceil(((pmf.first + masses.length) * pmf.step - shift) / step) - first + 1;
  const [stay, rise] = [new Float64Array(cells), new Float64Array(cells)];
  const whole = Math.expm1(-step);
  const up = Math.exp(tilt * step);
  for (let i = 0; i < masses.length; i++) {
    if (masses[i] === 0) continue;
    const loss = (pmf.first + i) * pmf.step - shift;
    const cell = Math.floor(loss / step) - first; // what lies on a point is not moved, by rounding down neither
    const distance = Math.min(step, Math.max(0, loss - (first + cell) * step));
    const share = Math.expm1(-distance) / whole;
    const down = masses[i] * Math.exp(-tilt * distance);
    rise[cell] += down * up * share;
    stay[cell] += down * (1 - share);
  }
  return { grid: { step, first, cells }, tilt, stay, rise };
}
