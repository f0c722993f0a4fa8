/**
 * The `pld` accountant: privacy loss distributions on a grid, with an upper and a lower bound on ε.
 *
 * Each mechanism's loss is put on a grid by a pair of distributions that dominates the true one, or that it dominates
 * (bounds.ts), tilted by e^(θl) (tilted.ts), and composed by Fourier transforms, many releases first on a fine grid and
 * then on a coarse one (Gopi et al. 2021; Koskela et al. 2020; Doroshenko et al. 2022). What lies outside windows, and
 * the rounding of transforms, is added to δ or taken off.
 */

import { balancedMasses, largestCell, lyingShifts, roundedDown } from './balanced.ts';
import { flooredMasses, upperMasses } from './bounds.ts';
import { massOutside, roundingOf, summed, type Term, type Window } from './compose.ts';
import { epsilonAt, type Tail } from './epsilon.ts';
import { type Cells, gridOver, type LossLaw, logMomentOf, tiltedMeanOf } from './loss-law.ts';
import { type Part, type PartPlan, type Plan, type Precision, planFor, type Span } from './plan.ts';
import { coarseCells } from './regrid.ts';
import { lowered, lowShiftedLaw, raised, type ShiftedLaw, wellLyingLaw } from './shifted-law.ts';
import { meanIndex, normalized, type TiltedCells, type TiltedPmf, tiltedCells, totalOf } from './tilted.ts';

/** How losses come onto grids: from above; from below, to the second order; or rounded down (which suits losses far larger than 1). */
type Way = 'upper' | 'balanced' | 'floored';

/** The window of that step over a span less `drop`. */
function windowOf({ low, high }: Span, step: number, drop: number): Window {
  const length = 2 ** Math.ceil(Math.log2(Math.max(64, (high - low) / step + 3)));
  return { lowest: Math.floor(((low + high) / 2 - drop) / step - length / 2), length };
}

function massesOf(cells: TiltedCells, way: Way, below: number): TiltedPmf {
  if (way === 'upper') return normalized(upperMasses(cells, below));
  return normalized(way === 'floored' ? flooredMasses(cells) : balancedMasses(cells));
}

/** Of 1, what a law's cells may lack. */
const UNCOUNTED = 1e-6;

/** Whether all P-mass is in the cells, or counted below or above them. */
function isCounted({ mass }: Cells, below: number, above: number): boolean {
  return totalOf(mass) + below + above > 1 - UNCOUNTED;
}

/** One release in cells, before it is known from which side losses come onto the grid. */
interface Laid {
  readonly count: number;
  readonly own: PartPlan;
  /** NaN, from which no bound follows, where the grid does not hold the law. */
  readonly logMoment: number;
  readonly cells: TiltedCells;
  /** Tilted mass below the cells. */
  readonly below: number;
  /** P-mass of infinite losses. */
  readonly above: number;
  /** Tilted, of the true losses. */
  readonly mean: number;
  /** What each loss of the cells is less than the true one, but for rounding. */
  readonly shift: number;
}

/** Beyond it what balances a cell, e^step times a difference of masses, has lost its digits. */
const WIDEST_BALANCED = 5;

/** The law counted from where the grid of that step lies well, if it can be told. */
function shiftedFor(law: LossLaw, step: number, way: Way): ShiftedLaw {
  if (way === 'floored') return lowShiftedLaw(law);
  return step > WIDEST_BALANCED ? { law, shift: 0 } : wellLyingLaw(law, step);
}

function laid({ law: unshifted, count }: Part, own: PartPlan, { plan, way }: { plan: Plan; way: Way }): Laid {
  const { tilt } = plan;
  const step = own.stage === 1 ? plan.step : own.step;
  const { law, shift } = shiftedFor(unshifted, step, way);
  const { grid, below } = gridOver(law, step, { tilt, count });
  const cells = law.cells(grid);
  const scale = logMomentOf(law.nodes, tilt);
  return {
    ...{ count, own, shift },
    logMoment: isCounted(cells, below, law.above) ? scale : Number.NaN,
    cells: tiltedCells(cells, grid, { tilt, shift: scale }),
    below: below * Math.exp(tilt * grid.first * step - scale),
    above: law.above,
    mean: tiltedMeanOf(unshifted.nodes, tilt),
  };
}

interface Release {
  readonly pmf: TiltedPmf;
  /** What each loss of the pmf is less than the true one. */
  readonly shift: number;
  /** What the pmf's mean is less than the true one: where windows lie. */
  readonly drop: number;
}

/** `shift`, or with rounding down also what that takes off the tilted mean, which many releases add up. */
function dropOf(pmf: TiltedPmf, { mean, shift, way }: { mean: number; shift: number; way: Way }): number {
  return way === 'floored' ? mean - meanIndex(pmf) * pmf.step : shift;
}

/** One release on its grid. */
function singleRelease({ cells, below, logMoment, mean, shift }: Laid, way: Way): Release {
  const pmf = massesOf(cells, way, below);
  return {
    pmf: { ...pmf, logMoment: pmf.logMoment + logMoment },
    shift: way === 'upper' ? raised(shift) : lowered(shift),
    drop: dropOf(pmf, { mean, shift, way }),
  };
}

/** Places a coarse step: what comes to a point jumps where a fine loss passes it, which matters where there are few of them. */
const PLACES = { few: 32, many: 4 } as const;
const MANY = 10;
/** Coarse cells on each side of the largest by which the grid is laid. */
const COARSE_AROUND = 64;

/** Of ε, what rounding down on the coarse grid may take from all blocks together before better places are looked for. */
const ROUNDED_DOWN = 1e-4;

/**
 * The loss from which those of a fine pmf are counted on the coarse grid: one found by the cells near the largest, unless they mislead so
 * far that more than `most` is rounded down, as where a pmf begins with its largest mass and ends far away.
 */
function coarseShift(pmf: TiltedPmf, step: number, most: number): number {
  const cellsAt = (shift: number) => coarseCells(pmf, step, shift);
  const cells = cellsAt(0);
  const middle = (cells.grid.first + largestCell(cells)) * step;
  const indexOf = (loss: number) => Math.min(pmf.masses.length, Math.max(0, Math.floor(loss / pmf.step) - pmf.first));
  const [from, to] = [indexOf(middle - COARSE_AROUND * step), indexOf(middle + COARSE_AROUND * step)];
  const near = { ...pmf, first: pmf.first + from, masses: pmf.masses.subarray(from, to) };
  const places = step > MANY * pmf.step ? PLACES.many : PLACES.few;
  const searches = [
    { cellsAt: (shift: number) => coarseCells(near, step, shift), places },
    { cellsAt, places: PLACES.many, edge: 1 },
  ];
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (const search of searches) {
    for (const shift of lyingShifts(cells, search)) {
      const lost = roundedDown(cellsAt(shift));
      if (lost < least) [best, least] = [shift, lost];
      if (least <= most) return best;
    }
  }
  return best;
}

interface Staged {
  readonly terms: readonly Term[];
  readonly shift: number;
  readonly drop: number;
  readonly rounding: number;
  readonly outside: number;
}

/** Releases on the coarse grid: composed on their fine grid first where the plan says so. */
function staged(single: Laid, { plan, way }: { plan: Plan; way: Way }): Staged {
  const { tilt, step } = plan;
  const mostLost = ROUNDED_DOWN * plan.epsilon;
  const { count, own, mean: fineMean } = single;
  const { stage } = own;
  const fine = singleRelease(single, way);
  if (stage === 1) {
    const { pmf, shift, drop } = fine;
    return { terms: [{ pmf, count }], shift: count * shift, drop: count * drop, rounding: 0, outside: 0 };
  }
  const blocks = Math.floor(count / stage);
  const groups = [
    { copies: stage, count: blocks },
    { copies: count - stage * blocks, count: 1 },
  ].filter(({ copies }) => copies > 0);
  let [rounding, outside, drop, shifts] = [0, 0, count * fine.drop, count * fine.shift];
  const terms = groups.map((group) => {
    const parts = [{ pmf: fine.pmf, count: group.copies }];
    const fewer = (stage - group.copies) * fineMean; // their span is no wider around its mean
    const window = windowOf(own.span, own.step, group.copies * fine.drop + fewer);
    const composed = summed(parts, window);
    rounding += group.count * roundingOf(group.copies, window);
    outside += group.count * massOutside(parts, window, own.span);
    const shift = way === 'balanced' ? coarseShift(composed, step, mostLost / group.count) : 0;
    const coarse = massesOf(coarseCells(composed, step, shift), way, 0);
    const mean = meanIndex(composed) * composed.step;
    drop += group.count * dropOf(coarse, { mean, shift, way });
    if (way === 'balanced') shifts += group.count * lowered(shift);
    const logMoment = coarse.logMoment + composed.logMoment - tilt * shift;
    return { pmf: { ...coarse, logMoment }, count: group.count };
  });
  return { terms, shift: shifts, drop, rounding, outside };
}

/** The composed loss and what it misses. */
function composedTail(singles: readonly Laid[], plan: Plan, way: Way): Tail {
  const all = singles.map((single) => staged(single, { plan, way }));
  const sumOf = (value: (one: Staged) => number) => all.reduce((sum, one) => sum + value(one), 0);
  const terms = all.flatMap((one) => one.terms);
  const shift = sumOf((one) => one.shift);
  const window = windowOf(
    plan.span,
    plan.step,
    sumOf((one) => one.drop),
  );
  const copies = terms.reduce((sum, { count }) => sum + count, 0);
  const outside = massOutside(terms, window, plan.span) + sumOf((one) => one.outside);
  const rounding = roundingOf(copies, window) + sumOf((one) => one.rounding);
  const infinite = way === 'upper' ? singles.reduce((sum, { above, count }) => sum + count * above, 0) : 0;
  return { pmf: summed(terms, window), shift, outside, rounding, infinite };
}

/** Of the upper bound, how near the lower one is where no other is looked for. */
const TIGHT = 1e-3;

type LaidFor = (way: Way) => readonly Laid[];

/** The releases in cells, which the upper and the balanced bound share. */
function laidFor(parts: readonly Part[], plan: Plan): LaidFor {
  const laidAs = (way: Way) => parts.map((part, k) => laid(part, plan.parts[k] as PartPlan, { plan, way }));
  const shared = laidAs('upper');
  return (way) => (way === 'floored' ? laidAs(way) : shared);
}

/** The best of the lower bounds, of which each next is made where those before are not near the upper one. */
function lowerBound(
  singles: LaidFor,
  delta: number,
  { plan, upper }: { readonly plan: Plan; readonly upper: number },
): number {
  const ways: readonly Way[] = plan.step > WIDEST_BALANCED ? ['floored'] : ['balanced', 'floored'];
  const best = ways.reduce((lower, way) => {
    if (lower > upper * (1 - TIGHT)) return lower;
    return Math.max(lower, epsilonAt(composedTail(singles(way), plan, way), delta, -1));
  }, 0);
  return Math.min(best, upper);
}

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
  /** Of upper − lower, what rounding explains. */
  readonly floatError: number;
}

interface Composed {
  readonly plan: Plan;
  readonly singles: LaidFor;
  readonly tail: Tail;
  readonly upper: number;
}

/** The upper bound by one plan. */
function planned(parts: readonly Part[], delta: number, precision: Precision): Composed {
  const plan = planFor(parts, delta, precision);
  const singles = laidFor(parts, plan);
  const tail = composedTail(singles('upper'), plan, 'upper');
  return { plan, singles, tail, upper: epsilonAt(tail, delta, 1) };
}

/** Of the ε that a plan is made for: below that it is made anew. */
const FAR_BELOW = 0.25;

/** The upper bound. Plans are made for Chernoff's ε, which where δ is hardly less than the mass of all large losses says little. */
function composedUpper(parts: readonly Part[], delta: number): Composed {
  const first = planned(parts, delta, {});
  if (!(first.upper > 0 && first.upper < FAR_BELOW * first.plan.epsilon)) return first;
  const second = planned(parts, delta, { most: first.upper });
  return second.upper < first.upper ? second : first;
}

/** ε at δ > 0, between bounds, of releases with these laws. */
export function pldBounds(parts: readonly Part[], delta: number): Bounds {
  const { plan, singles, tail, upper } = composedUpper(parts, delta);
  const lower = lowerBound(singles, delta, { plan, upper });
  const floatError = upper < Number.POSITIVE_INFINITY ? upper - epsilonAt({ ...tail, rounding: 0 }, delta, 1) : 0;
  return { lower, upper, floatError };
}

/** The upper bound alone. */
export function pldUpper(parts: readonly Part[], delta: number): number {
  return composedUpper(parts, delta).upper;
}

/** Of ε, what is soon computed. */
const ROUGH = 3e-3;

/** A looser upper bound, for a tenth of the work. */
export function roughUpper(parts: readonly Part[], delta: number): number {
  return planned(parts, delta, { tolerance: ROUGH }).upper;
}
