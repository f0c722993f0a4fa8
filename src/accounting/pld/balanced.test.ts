/** The pair below on a grid: every group of outcomes has at least the ratio that its point says, and little is lost. */

import { expect } from 'chai';
import { gaussianDelta } from '../gaussian/analytic.ts';
import { balancedMasses, lyingShifts } from './balanced.ts';
import { flooredMasses } from './bounds.ts';
import { mixtureLaw } from './gaussian-mixture-law.ts';
import { removePair } from './gaussian-pairs.ts';
import { gridOver } from './loss-law.ts';
import { type TiltedPmf, tiltedCells } from './tilted.ts';

/** Smooth, with an edge that most of the mass lies at, and with a bulk narrower than a step. */
const laws = [
  { samplingRate: 1, noiseMultiplier: 2, step: 0.05 },
  { samplingRate: 0.1, noiseMultiplier: 1, step: 0.01 },
  { samplingRate: 1e-3, noiseMultiplier: 0.5, step: 1e-3 },
  { samplingRate: 1e-4, noiseMultiplier: 0.4, step: 3e-3 },
] as const;

function cellsOf({ samplingRate, noiseMultiplier, step }: (typeof laws)[number], tilt: number, shift = 0) {
  const law = mixtureLaw(removePair({ samplingRate, noiseMultiplier }), 1e-14);
  const { grid } = gridOver(law, step, { tilt, count: 1 });
  return tiltedCells(law.cells(grid, shift), grid, { tilt, shift: 0 });
}

/** δ(ε) of one step, exactly: q δ₁(log(1 + (e^ε − 1)/q)), δ₁ of the unsampled Gaussian. */
function exactDelta({ samplingRate, noiseMultiplier }: (typeof laws)[number], epsilon: number): number {
  return samplingRate * gaussianDelta(1 / noiseMultiplier, Math.log1p(Math.expm1(epsilon) / samplingRate));
}

/** E[(1 − e^(ε − L))₊] of masses on a grid, of losses less a shift. */
function deltaOf({ masses, first, step, tilt }: TiltedPmf, epsilon: number, shift = 0): number {
  return masses.reduce((sum, mass, i) => {
    const loss = (first + i) * step;
    return sum + mass * Math.exp(-tilt * loss) * Math.max(0, -Math.expm1(epsilon - loss - shift));
  }, 0);
}

describe('balanced masses', () => {
  for (const law of laws) {
    for (const tilt of [0, 3]) {
      it(`lie below the truth at every ε, and P-mass is kept: q ${law.samplingRate}, tilt ${tilt}`, () => {
        for (const shift of [0, 0.3 * law.step]) {
          const cells = cellsOf(law, tilt, shift);
          const [pmf, floored] = [balancedMasses(cells), flooredMasses(cells)];
          expect(deltaOf(pmf, -1e9)).to.be.within(1 - 1e-8, 1 + 1e-12); // but for what is trimmed at the end
          for (let epsilon = 0; epsilon < 3; epsilon += 0.0317) {
            const exact = exactDelta(law, epsilon);
            expect(deltaOf(pmf, epsilon, shift)).to.be.at.most(exact * (1 + 1e-9) + 1e-14);
            expect(deltaOf(floored, epsilon, shift)).to.be.at.most(exact * (1 + 1e-9) + 1e-14);
          }
        }
      });
    }

    it(`keep the Q-mass too where the grid lies well, so that nothing is rounded down: q ${law.samplingRate}`, () => {
      const [shift = 0] = lyingShifts(cellsOf(law, 0), { cellsAt: (by) => cellsOf(law, 0, by), places: 4 });
      const kept = ({ masses, first, step }: TiltedPmf, by: number) =>
        masses.reduce((sum, mass, i) => sum + mass * Math.exp(-(first + i) * step - by), 0);
      const well = kept(balancedMasses(cellsOf(law, 0, shift)), shift) - 1;
      expect(well).to.be.within(-1e-9, 1e-7 * law.step + 1e-9);
      const floored = kept(flooredMasses(cellsOf(law, 0, shift)), shift) - 1;
      expect(floored).to.be.above(1e-4 * law.step); // or this tells nothing
    });
  }
});
