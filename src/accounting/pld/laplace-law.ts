/**
 * Losses of Laplace noise of scale b sensitivities, e = 1/b (Dwork, Roth 2014, section 3.3): half the mass of P has
 * L = e, e^−e/2 has L = −e, and between the density of P is ¼ e^((l−e)/2).
 */

import { atomsLaw } from './atoms-law.ts';
import type { Cells, Grid, LossLaw } from './loss-law.ts';

const NODES = 128;
/** The density falls by e with 2 losses: below so many from the top is a P-mass of e^−32. */
const REACH = 64;

/** ∫ ¼ e^((l−e)/2) and ∫ ¼ e^((l−e)/2) (1 − e^(start−l)) dl over [from, to]. */
function between(pure: number, { from, to, start }: { from: number; to: number; start: number }) {
  const mass = 0.5 * Math.exp((from - pure) / 2) * Math.expm1((to - from) / 2);
  const back = -0.5 * Math.exp(start - from / 2 - pure / 2) * Math.expm1((from - to) / 2);
  return { mass, risen: mass - back };
}

function cellsOf({ pure, atoms }: { pure: number; atoms: LossLaw }, grid: Grid, shift: number): Cells {
  const { mass, rise } = atoms.cells(grid, shift);
  for (let i = 0; i < grid.cells; i++) {
    const start = (grid.first + i) * grid.step + shift;
    const [from, to] = [Math.max(start, -pure), Math.min(start + grid.step, pure)];
    if (from >= to) continue;
    const inner = between(pure, { from, to, start });
    mass[i] += inner.mass;
    rise[i] += Math.min(inner.mass, Math.max(0, -inner.risen / Math.expm1(-grid.step)));
  }
  return { mass, rise };
}

export function laplaceLaw(noiseMultiplier: number): LossLaw {
  const pure = 1 / noiseMultiplier;
  const reach = Math.min(2 * pure, REACH);
  const width = reach / NODES;
  const ends = [
    { loss: -pure, logMass: -pure - Math.LN2 },
    { loss: pure, logMass: -Math.LN2 },
  ];
  const inner = Array.from({ length: NODES }, (_, k) => pure - reach + (k + 0.5) * width).map((loss) => ({
    loss,
    logMass: Math.log(0.25 * width) + (loss - pure) / 2,
  }));
  const atoms = atomsLaw(ends, 0);
  const below = reach < 2 * pure ? 0.5 * Math.exp(-reach / 2) : 0;
  return {
    ...atomsLaw([...ends, ...inner], 0),
    below,
    cells: (grid, shift = 0) => cellsOf({ pure, atoms }, grid, shift),
  };
}
