/** Losses that take a few values: randomized response, the discrete Gaussian. */

import type { Cells, Grid, LossLaw } from './loss-law.ts';

export interface Atom {
  readonly loss: number;
  readonly logMass: number;
}

/** Shares each atom between the two ends of its cell. */
function cellsOf(atoms: readonly Atom[], { step, first, cells }: Grid, shift: number): Cells {
  const [mass, rise] = [new Float64Array(cells), new Float64Array(cells)];
  for (const atom of atoms) {
    const loss = atom.loss - shift;
    const i = Math.min(cells - 1, Math.ceil(loss / step) - 1 - first);
    if (i < 0) continue;
    const above = Math.min(step, Math.max(0, loss - (first + i) * step));
    const p = Math.exp(atom.logMass);
    mass[i] += p;
    rise[i] += p * (Math.expm1(-above) / Math.expm1(-step));
  }
  return { mass, rise };
}

/** The law of atoms; `above` is the mass of an infinite loss. */
export function atomsLaw(atoms: readonly Atom[], above: number): LossLaw {
  const kept = atoms.filter(({ logMass }) => logMass > Number.NEGATIVE_INFINITY);
  const losses = Float64Array.from(kept, ({ loss }) => loss);
  const logMasses = Float64Array.from(kept, ({ logMass }) => logMass);
  const highest = losses.reduce((a, b) => Math.max(a, b));
  return {
    nodes: { losses, logMasses },
    highest,
    above,
    below: 0,
    cells: (grid, shift = 0) => cellsOf(kept, grid, shift),
  };
}
