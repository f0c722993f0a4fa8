/** The distribution of the privacy loss L = log dP/dQ of one release, as discretisations need it. */

/** Equidistant losses l_i = (first + i)·step, i = 0 … cells: the ends of the cells (l_i, l_(i+1)]. */
export interface Grid {
  readonly step: number;
  readonly first: number;
  readonly cells: number;
}

/**
 * What the cells hold. With p and q the mass that P and Q have in a cell, `rise` is the part of p that must sit on the
 * upper end, and p − rise on the lower, for the two ends together to have the cell's p and q:
 * rise = (p − e^(l_i) q) ÷ (1 − e^−step).
 */
export interface Cells {
  readonly mass: Float64Array;
  readonly rise: Float64Array;
}

/** A few hundred losses with log P-mass, enough to place grids and tilts by; what lies beyond is in `above`. */
export interface LossNodes {
  readonly losses: Float64Array;
  readonly logMasses: Float64Array;
}

export interface LossLaw {
  readonly nodes: LossNodes;
  /** The largest loss that is kept on a grid, and the P-mass above it, which counts as an infinite loss. */
  readonly highest: number;
  readonly above: number;
  /** P-mass below the smallest loss of the nodes, at most. */
  readonly below: number;
  /** Of losses less `shift`, which is 0 where left out. */
  cells(grid: Grid, shift?: number): Cells;
}

/** A grid, and the P-mass of the losses below it. */
export interface Cover {
  readonly grid: Grid;
  readonly below: number;
}

/** Tilted mass that may lie below a grid, over all releases. */
const TRIMMED = 1e-13;

/** The grid of that step over the losses that count, tilted, among `count` releases. */
export function gridOver(
  { nodes, highest, below }: LossLaw,
  step: number,
  { tilt, count }: { tilt: number; count: number },
): Cover {
  const { losses, logMasses } = nodes;
  const at = logMomentOf(nodes, tilt);
  const order = Array.from(losses.keys()).sort((a, b) => losses[a] - losses[b]);
  let [trimmed, lost, k] = [0, 0, 0];
  for (; k < order.length - 1; k++) {
    const j = order[k] as number;
    trimmed += Math.exp(logMasses[j] + tilt * losses[j] - at);
    if (trimmed * count > TRIMMED) break;
    lost += Math.exp(logMasses[j]);
  }
  const first = Math.floor(losses[order[k] as number] / step) - 1;
  const cells = Math.max(1, Math.ceil(highest / step) - first);
  return { grid: { step, first, cells }, below: below + 2 * lost };
}

/** log E_P[e^(θL)] of what the nodes hold. */
export function logMomentOf({ losses, logMasses }: LossNodes, tilt: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < losses.length; j++) top = Math.max(top, logMasses[j] + tilt * losses[j]);
  let sum = 0;
  for (let j = 0; j < losses.length; j++) sum += Math.exp(logMasses[j] + tilt * losses[j] - top);
  return top + Math.log(sum);
}

/** E_P[L e^(θL)] ÷ E_P[e^(θL)] of what the nodes hold. */
export function tiltedMeanOf({ losses, logMasses }: LossNodes, tilt: number): number {
  const at = logMomentOf({ losses, logMasses }, tilt);
  return losses.reduce((sum, loss, j) => sum + loss * Math.exp(logMasses[j] + tilt * loss - at), 0);
}
