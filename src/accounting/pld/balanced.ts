/**
 * A pair of distributions on a grid that the true pair dominates, of the second order in the step: outcomes are put together in
 * groups, each of which has the ratio of a point of the grid. Putting outcomes together only loses information, and so it does in
 * compositions (Blackwell 1953).
 *
 * Each point takes a share of the cell under it, whose ratios are too small for it, and one of the cell above it, whose are too
 * large, such that the two make up for each other; what is left of a cell goes to its other end. So it goes from both ends of the
 * grid, along growing masses, to one point where the sweeps meet, which has what is left on both sides: with its own ratio where
 * the grid lies well (`lyingShifts`). Elsewhere, and wherever masses shrink on the way, losses are rounded down.
 */

import { findRoot } from '../numeric/brent.ts';
import { type TiltedCells, type TiltedPmf, totalOf } from './tilted.ts';

interface Sweep {
  readonly cells: TiltedCells;
  readonly masses: Float64Array;
  /** Of rises, what was rounded down on the way. */
  rounded: number;
  /** e^(θ·step). */
  readonly up: number;
  /** stay of the cell under a point, times this, makes up for the rise of the one above it. */
  readonly balance: number;
}

function sweepOf(cells: TiltedCells): Sweep {
  const { step } = cells.grid;
  const [up, balance] = [Math.exp(cells.tilt * step), Math.exp((1 + 2 * cells.tilt) * step)];
  return { cells, masses: new Float64Array(cells.grid.cells + 1), rounded: 0, up, balance };
}

/** A cell's mass, tilted like its lower end; times e^(θ·step) like its upper one. */
function sunk({ cells: { stay, rise }, up }: Sweep, i: number): number {
  return stay[i] + rise[i] / up;
}

/** What a sweep has not placed yet. */
interface Unplaced {
  /** Share of the cell next to the point where it has come to. */
  readonly share: number;
  /** Of a cell before that, tilted like that point: mass, and by how much its ratio is off, in rises. */
  readonly mass: number;
  readonly off: number;
}

/**
 * How much of what is on offer for a point is placed there, if only so much of it can be made up for: the rest goes on to the next
 * point, once, since many steps on it would lose more than rounding down does.
 */
function placedOf(off: number, room: number, { mass }: Unplaced): number {
  return off > room && room > 0 && mass === 0 ? room / off : 1;
}

/** Places a part of what is on offer from below at the lower ends of its cells. */
function roundDown(sweep: Sweep, i: number, { share, mass, part }: Unplaced & { readonly part: number }): void {
  const { masses, up } = sweep;
  const own = part * share * sunk(sweep, i - 1);
  sweep.rounded += own + part * mass;
  masses[i - 1] += own;
  if (mass > 0) masses[i - 2] += (part * mass) / (up * up);
}

/** Serves the points below `meeting`. */
function sweptUp(sweep: Sweep, meeting: number, edge: number): Unplaced {
  const { cells, masses, up, balance } = sweep;
  const { grid, stay, rise } = cells;
  let rest: Unplaced = { share: edge, mass: 0, off: 0 };
  for (let i = 1; i < meeting; i++) {
    const off = rest.share * stay[i - 1] * balance + rest.off;
    const mass = rest.share * sunk(sweep, i - 1) * up + rest.mass;
    const placed = placedOf(off, rise[i], rest);
    const fits = off * placed <= rise[i] ? placed : rise[i] / off; // no number where off is none, so that no bound follows
    masses[i] += fits * mass;
    if (fits < placed) roundDown(sweep, i, { ...rest, part: placed - fits });
    const taken = off > 0 ? Math.min(1, (off * placed) / rise[i]) : 0;
    masses[i] += taken * sunk(sweep, i);
    const onward = 1 - placed;
    rest = {
      share: 1 - taken,
      mass: onward * mass * up,
      off: onward * (mass * balance + off * Math.exp(grid.step) * up),
    };
  }
  return rest;
}

/** Serves the points above `meeting`. */
function sweptDown(sweep: Sweep, meeting: number, edge: number): Unplaced {
  const { cells, masses, up, balance } = sweep;
  const { grid, stay, rise } = cells;
  let rest: Unplaced = { share: edge, mass: 0, off: 0 };
  for (let i = grid.cells - 1; i > meeting; i--) {
    const off = rest.share * rise[i] + rest.off;
    const mass = rest.share * sunk(sweep, i) + rest.mass;
    const room = stay[i - 1] * balance;
    const placed = placedOf(off, room, rest);
    const taken = off * placed < room ? (off * placed) / room : 1;
    sweep.rounded += Math.max(0, off * placed - room);
    masses[i] += placed * mass + taken * sunk(sweep, i - 1) * up;
    const onward = 1 - placed;
    rest = {
      share: 1 - taken,
      mass: (onward * mass) / up,
      off: onward * (mass + (off * Math.exp(-grid.step)) / up),
    };
  }
  return rest;
}

interface Met {
  readonly pmf: TiltedPmf;
  /** The log-ratio of what is left for the point where the sweeps meet, less its own. */
  readonly excess: number;
  /** Of the tilted mean, what rounding losses down takes. */
  readonly lost: number;
}

/**
 * The sweeps meeting at the point between the cells `meeting` − 1 and `meeting`.
 * @param edge Share of the outermost cells that is theirs to place: 1, or less where these cells are cut out of more.
 */
function metAt(cells: TiltedCells, meeting: number, edge = 1): Met {
  const sweep = sweepOf(cells);
  const { grid, tilt, stay, rise } = cells;
  const { masses, up, balance } = sweep;
  const none: Unplaced = { share: 0, mass: 0, off: 0 };
  const below = meeting > 0 ? sweptUp(sweep, meeting, edge) : none;
  const above = sweptDown(sweep, meeting, edge);
  const have = above.share * rise[meeting] + above.off;
  const needed = meeting > 0 ? below.share * stay[meeting - 1] * balance + below.off : 0;
  const high = above.share * sunk(sweep, meeting) + above.mass;
  const low = meeting > 0 ? below.share * sunk(sweep, meeting - 1) * up + below.mass : 0;
  const excess = -Math.log1p((Math.expm1(-grid.step) * (have - needed)) / (up * (high + low)));
  const fits = needed > have ? have / needed : 1;
  masses[meeting] += high + fits * low;
  if (fits < 1 && meeting > 0) roundDown(sweep, meeting, { ...below, part: 1 - fits });
  const lost = (Math.max(0, have - needed) + sweep.rounded) * grid.step;
  return { pmf: { step: grid.step, first: grid.first, tilt, logMoment: 0, masses }, excess, lost };
}

/** Of the total mass: above the noise of transforms. */
const NEGLIGIBLE = 1e-14;

/** The cell with the most P-mass, before tilting, of those whose tilted mass is more than noise. */
export function largestCell({ grid, tilt, stay, rise }: TiltedCells): number {
  const total = totalOf(stay) + totalOf(rise);
  let [largest, most] = [0, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < grid.cells; i++) {
    const mass = stay[i] + rise[i];
    if (!(mass > NEGLIGIBLE * total)) continue;
    const log = Math.log(mass) - tilt * i * grid.step;
    if (log > most) [largest, most] = [i, log];
  }
  return largest;
}

/** Of what putting together loses, in the second order: what rounding down may lose beside it. */
const LITTLE = 0.1;

/** Most that rounding down may take from the mean beside the variance that lies within cells. */
function littleFor({ grid: { step }, stay, rise }: TiltedCells): number {
  let within = 0;
  for (let i = 0; i < stay.length; i++) if (rise[i] > 0) within += (stay[i] * rise[i]) / (stay[i] + rise[i]);
  return LITTLE * within * step * step;
}

/** The sweeps meeting where the mass is: at the loss 0 if that is near, by which the grid was laid, or at an end of the largest cell. */
function metAtLargest(cells: TiltedCells): Met {
  const largest = largestCell(cells);
  const { first, cells: count } = cells.grid;
  const points = [-first, largest, largest + 1].filter((p) => Math.abs(p - largest) <= 2 && p >= 0 && p < count);
  const little = littleFor(cells);
  let best = metAt(cells, points[0] ?? largest);
  for (const point of points.slice(1)) {
    if (best.lost < little) break;
    const next = metAt(cells, point);
    if (next.lost < best.lost) best = next;
  }
  return best;
}

/** Of the tilted mean, what `balancedMasses` take by rounding losses down. */
export function roundedDown(cells: TiltedCells): number {
  return metAtLargest(cells).lost;
}

/** The pair below. */
export function balancedMasses(cells: TiltedCells): TiltedPmf {
  return metAtLargest(cells).pmf;
}

/** How near the grid is laid, in steps. */
const NEAR = 1e-8;
/** Where masses change little from cell to cell each point takes half of both its cells. */
const HALF = 0.5;

/** So many are worth a look. */
const MOST_SHIFTS = 4;

interface Place {
  /** Of losses less a shift, near the largest, or all of them. */
  cellsAt(shift: number): TiltedCells;
  /** Of the outermost cells of those, what is theirs to place: 1 where they are all. Left out: half. */
  readonly edge?: number;
  /** So many a step are looked at, from a step under the largest cell to a step above it. */
  readonly places: number;
}

/**
 * The losses from which others may be counted for the grid to lie well, the likeliest first: what is left where the sweeps meet has the
 * ratio of that point. None where that matters little, since the mass is spread over many steps, or where none is found.
 */
export function* lyingShifts(start: TiltedCells, { cellsAt, places, edge = HALF }: Place): Generator<number> {
  const { step, first } = start.grid;
  if (metAtLargest(start).lost < littleFor(start)) return;
  const low = (first + largestCell(start) - 1) * step;
  const excessAt = (shift: number) => {
    const cells = cellsAt(shift);
    return metAt(cells, -cells.grid.first, edge).excess;
  };
  const shifts = Array.from({ length: 3 * places + 1 }, (_, k) => low + (k * step) / places);
  const excesses = shifts.map(excessAt);
  const jumpTo = (k: number) => Math.abs(excesses[k] - excesses[k - 1]);
  const likeliest = Array.from(shifts.keys())
    .filter((k) => k > 0 && excesses[k] < 0 !== excesses[k - 1] < 0 && jumpTo(k) < Number.POSITIVE_INFINITY)
    .sort((a, b) => jumpTo(a) - jumpTo(b))
    .slice(0, MOST_SHIFTS);
  for (const k of likeliest) {
    yield findRoot(excessAt, { low: shifts[k - 1], high: shifts[k], tolerance: NEAR * step });
  }
}
