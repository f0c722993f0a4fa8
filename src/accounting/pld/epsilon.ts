/** ε at δ of a composed, tilted loss. */

import type { TiltedPmf } from './tilted.ts';

export interface Tail {
  readonly pmf: TiltedPmf;
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

/**
 * The ε at which δ(ε) = infinite + e^(logMoment) Σ_{l>ε} v_l e^(−θl) (1 − e^(ε−l)) equals `delta`, with what is missed
 * added (side 1: an ε that is enough) or taken off (side −1: one that is not). 0 where δ(0) is small enough.
 *
 * From the top down, A = Σ v_l e^(−θ(l−l_k)) and B = Σ v_l e^(−(θ+1)(l−l_k)) over l ≥ l_k give
 * δ(ε) = e^(logMoment − θ l_k) (A − e^(ε−l_k) B) for ε in [l_(k−1), l_k).
 */
export function epsilonAt({ pmf, outside, rounding, infinite }: Tail, delta: number, side: 1 | -1): number {
  const { masses, first, step, tilt, logMoment } = pmf;
  const extra = side * (outside + rounding) * largestShare(tilt);
  const left = delta - infinite;
  if (left <= 0) return Number.POSITIVE_INFINITY;
  const logLeft = Math.log(left);
  const [fallA, fallB] = [Math.exp(-tilt * step), Math.exp(-(tilt + 1) * step)];
  const shrink = Math.exp(-step);
  let [a, b] = [0, 0];
  for (let k = masses.length - 1; k >= 0; k--) {
    const loss = (first + k) * step;
    a = masses[k] + fallA * a;
    b = masses[k] + fallB * b;
    const wanted = Math.exp(logLeft - logMoment + tilt * loss) - (side > 0 ? extra / fallA : extra);
    if (wanted > a - shrink * b && loss > step) continue;
    const inside = loss - step <= 0 ? Math.max(0, loss - step) : loss - step;
    const epsilon = wanted >= a ? loss : loss + Math.log((a - wanted) / b);
    return Math.max(0, Math.max(inside, Math.min(epsilon, loss)));
  }
  return 0;
}
