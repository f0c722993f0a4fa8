/** ε at δ of a composed, tilted loss. */

import { type TiltedPmf, totalOf } from './tilted.ts';

export interface Tail {
  readonly pmf: TiltedPmf;
  /** What the sum of losses has beside pmf's: each release's own shift, added up. */
  readonly shift: number;
  /** Tilted mass that the window misses or holds at the wrong place. */
  readonly outside: number;
  /** Tilted mass that rounding can have moved. */
  readonly rounding: number;
  /** P-mass of infinite losses. */
  readonly infinite: number;
}

/** The largest value of t ↦ e^(−θt)(1 − e^−t), t ≥ 0: what a unit of tilted mass can add to δ, at most. */
function largestShare(tilt: number): number {
  return Math.exp(tilt * Math.log(tilt) - (tilt + 1) * Math.log1p(tilt));
}

/** Beyond what is known to be missing, the tilted masses may be so far from 1 in all. */
const SLACK = 1e-6;

/** Whether the masses are numbers and all there: an overflow on the way here leaves no bound. */
function isWhole({ pmf, outside, rounding }: Tail): boolean {
  const sum = totalOf(pmf.masses);
  return Number.isFinite(pmf.logMoment) && Math.abs(sum - 1) <= outside + rounding + SLACK;
}

/** What holds whatever the loss is. */
function trivial(side: 1 | -1): number {
  return side > 0 ? Number.POSITIVE_INFINITY : 0;
}

/**
 * The ε at which δ(ε) = infinite + e^(logMoment) Σ_{l>ε} v_l e^(−θl) (1 − e^(ε−l)) equals `delta`, with what is missed
 * added (side 1: an ε that is enough, ∞ where none is known to be) or taken off (side −1: one that is not, or 0).
 */
export function epsilonAt(tail: Tail, delta: number, side: 1 | -1): number {
  const left = delta - tail.infinite;
  if (!(left > 0 && isWhole(tail))) return trivial(side);
  const found = solved(tail, Math.log(left), side) + tail.shift;
  return Number.isNaN(found) ? trivial(side) : Math.max(0, found);
}

/**
 * In losses of the pmf. From the top down, A = Σ v_l e^(−θ(l−l_k)) and B = Σ v_l e^(−(θ+1)(l−l_k)) over l ≥ l_k give
 * δ(ε) = e^(logMoment − θ l_k) (A − e^(ε−l_k) B) for ε in [l_(k−1), l_k).
 */
function solved({ pmf, shift, outside, rounding }: Tail, logLeft: number, side: 1 | -1): number {
  const { masses, first, step, tilt, logMoment } = pmf;
  const extra = side * (outside + rounding) * largestShare(tilt);
  const [fallA, fallB] = [Math.exp(-tilt * step), Math.exp(-(tilt + 1) * step)];
  const shrink = Math.exp(-step);
  const wantedAt = (loss: number) => Math.exp(logLeft - logMoment + tilt * loss);
  const top = (first + masses.length - 1) * step;
  if (extra > wantedAt(top)) return top + Math.log(extra / wantedAt(top)) / tilt; // what is missed alone exceeds δ there
  let [a, b] = [0, 0];
  for (let k = masses.length - 1; k >= 0; k--) {
    const loss = (first + k) * step;
    a = masses[k] + fallA * a;
    b = masses[k] + fallB * b;
    const wanted = wantedAt(loss) - extra / fallA;
    if (wanted > a - shrink * b && loss + shift > step) continue;
    const inside = Math.max(loss - step, Math.min(loss, -shift));
    const epsilon = wanted >= a ? inside : loss + Math.log((a - wanted) / b); // δ(0) is small enough, or solved
    return Math.max(inside, Math.min(epsilon, loss));
  }
  if (side < 0) return -shift;
  const end = first * step;
  return underWindow({ a, b, extra, tilt, wanted: wantedAt(end) }, { low: -shift, high: end });
}

interface UnderWindow {
  readonly a: number;
  readonly b: number;
  readonly extra: number;
  readonly tilt: number;
  readonly wanted: number;
}

/** The least ε below the window, `high`, that is enough, with everything that lies outside above it. */
function underWindow({ a, b, extra, tilt, wanted }: UnderWindow, { low, high }: { low: number; high: number }): number {
  const isEnough = (epsilon: number) =>
    a - Math.exp(epsilon - high) * b + extra * Math.exp(tilt * (high - epsilon)) <= wanted;
  if (isEnough(low)) return low;
  let [tooLow, enough] = [low, high];
  for (let trial = 0; trial < 60; trial++) {
    const middle = 0.5 * (tooLow + enough);
    [tooLow, enough] = isEnough(middle) ? [tooLow, middle] : [middle, enough];
  }
  return enough;
}
