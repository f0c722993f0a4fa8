/** From a fine grid to a coarser one. */

import { RENEWED, type TiltedCells, type TiltedPmf } from './tilted.ts';

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
  const shrink = Math.expm1(-pmf.step);
  const fall = Math.exp(-tilt * pmf.step);
  let [cell, end, behind, factor] = [0, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < masses.length; i++) {
    const loss = (pmf.first + i) * pmf.step - shift;
    if (loss >= end || i % RENEWED === 0) {
      const lower = Math.floor(loss / step); // what lies on a point is not moved, by rounding down neither
      const distance = Math.min(step, Math.max(0, loss - lower * step));
      cell = lower - first;
      end = (lower + 1) * step;
      behind = Math.expm1(-distance);
      factor = Math.exp(-tilt * distance);
    }
    const share = Math.min(1, behind / whole);
    const down = masses[i] * factor;
    rise[cell] += down * up * share;
    stay[cell] += down * (1 - share);
    behind += shrink * (1 + behind);
    factor *= fall;
  }
  return { grid: { step, first, cells }, tilt, stay, rise };
}
