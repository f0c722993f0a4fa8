/**
 * Where the contours run: which outcomes count as rare, the tilts, and how far and how finely the sums must go.
 *
 * In one term the integrand's peak, M(θ) e^(−θε)/|θ(θ+1)|, may exceed δ by so much that the sum cancels: a rare large
 * loss makes M(θ) large at the tilt that suits the others. Two terms then do what one does not. The bulk, which has no
 * such loss, has its contour right of the poles at a tilt of its own; the rest, nearly all of which lies above ε, has
 * it left of them, where large losses do not count: δ = P[rare] − e^ε Q[rare] + ∫.
 */

import { minimize } from '../numeric/brent.ts';
import { chernoffBound } from '../numeric/chernoff.ts';
import type { Line } from './line.ts';
import { logMoment } from './moments.ts';
import { type ContourPart, type Section, type Sections, sectionsOf } from './sections.ts';
import { transformAlong } from './transform.ts';

/** ε at which the plan is to be good, and log δ there, roughly. */
export interface Aim {
  readonly epsilon: number;
  readonly logDelta: number;
}

export interface Term {
  readonly section: Section;
  readonly sections: Sections;
  readonly tilt: number;
  /** log of the peak of the integrand at ε. */
  readonly height: number;
  /** What a period of the sum must have at least, so that its aliases are below 1e-10 · δ. */
  readonly reach: number;
  /** |Im z| from which on the transform is negligible; ∞ where it hardly decays. */
  readonly decayed: number;
}

export interface Plan {
  readonly epsilon: number;
  readonly terms: readonly Term[];
}

/** −log of the part of δ that is left out with the largest outcomes. */
const LEFT_OUT = 30;
/** −log of the error of a sum, relative to δ. */
const DIGITS = 23;
/** How much higher than δ a term may be: so many e-folds of rounding are lost. */
const GOOD_HEIGHT = 3;
const MOST_HEIGHT = 10;
/** By how much the rare term may be higher than the bulk: it costs less to sum. */
const PREFERENCE = 7;
/** Periods of more than this times ε make long sums. */
const WIDE = 60;

function chernoffEpsilon(sections: Sections, logDelta: number): number {
  return chernoffBound({ logMoment: (tilt) => logMoment(sections, 'bulk', tilt), logDelta, tolerance: 1e-2 }).epsilon;
}

function leftOut(logDelta: number): number {
  return logDelta - LEFT_OUT;
}

/**
 * An ε that is enough: by Chernoff's bound on all losses, or with half of δ spent on the rarest of them. It is Rényi
 * DP's where no loss is rare and large.
 */
export function upperEpsilon(parts: readonly ContourPart[], delta: number): number {
  const logDelta = Math.log(delta);
  const dropped = leftOut(logDelta);
  const half = logDelta - Math.LN2;
  return Math.min(
    chernoffEpsilon(sectionsOf(parts, { cut: dropped, dropped }), logDelta),
    chernoffEpsilon(sectionsOf(parts, { cut: half, dropped }), half),
  );
}

/** The least of log M(θ) − θε − log|θ(θ+1)|, over θ > 0 for the bulk, θ < −1 for the rare. */
function saddle(sections: Sections, section: Section, epsilon: number): { tilt: number; height: number } {
  const tiltAt = (log: number) => (section === 'bulk' ? Math.exp(log) : -1 - Math.exp(log));
  const height = (log: number) => {
    const tilt = tiltAt(log);
    return (
      logMoment(sections, section, tilt) - tilt * epsilon - Math.log(Math.abs(tilt)) - Math.log(Math.abs(tilt + 1))
    );
  };
  const best = minimize(height, { low: Math.log(0.05 / epsilon), high: Math.log(3000 / epsilon), tolerance: 0.03 });
  return { tilt: tiltAt(best), height: height(best) };
}

/** How far the tilted sum reaches, up (side 1) or down (side −1), but for a mass of e^−digits, by Chernoff's bound. */
function tailEnd({ sections, section, tilt }: Omit<Term, 'reach' | 'decayed'>, side: 1 | -1, digits: number): number {
  const at = logMoment(sections, section, tilt);
  const end = (log: number) => {
    const further = Math.exp(log);
    return (logMoment(sections, section, tilt + side * further) - at + digits) / further;
  };
  const size = Math.log(Math.abs(tilt));
  return end(minimize(end, { low: size - 7, high: size + 4, tolerance: 0.1 }));
}

/** A sum of period P adds what lies at distances P, 2P, … from ε, each times e^(tilt · distance). */
function reachOf(term: Omit<Term, 'reach' | 'decayed'>, { epsilon, logDelta }: Aim): number {
  const { sections, section, tilt, height } = term;
  const digits = Math.max(5, DIGITS + 1 + height - logDelta);
  if (section === 'bulk') return Math.max(tailEnd(term, 1, digits), (DIGITS - logDelta) / tilt);
  const above = (DIGITS + logMoment(sections, 'rare', -1) + epsilon - logDelta) / (-1 - tilt);
  return Math.max(above, epsilon + Math.max(0, tailEnd(term, -1, digits)));
}

/** log |B(θ + iu)/B(θ)|. */
function logModulus(sections: Sections, tilt: number, u: number): number {
  return transformAlong(sections, 'bulk', { tilt, spacing: u, points: 2 }).modulus[1] as number;
}

/** |Im z| from which on the bulk's transform, which is a factor of both terms, is below e^−40. */
function decayedFrom(sections: Sections, tilt: number): number {
  const probe = 1e-3 * Math.abs(tilt);
  const std = Math.sqrt(Math.max(0, -2 * logModulus(sections, tilt, probe))) / probe;
  let small = 0;
  for (let u = 5 / std, trial = 0; trial < 12; u *= 1.4, trial++) {
    small = logModulus(sections, tilt, u) < -40 ? small + 1 : 0; // twice in a row is no accident of phases
    if (small === 2) return u;
  }
  return Number.POSITIVE_INFINITY;
}

function termOf(sections: Sections, section: Section, aim: Aim): Term {
  const term = { section, sections, ...saddle(sections, section, aim.epsilon) };
  return { ...term, reach: reachOf(term, aim), decayed: decayedFrom(sections, term.tilt) };
}

/** The heights of both terms at a cut, of the rare one at least that of its residue P[rare]. */
function heightsAt(sections: Sections, { epsilon }: Aim): { bulk: number; rare: number } {
  const bulk = saddle(sections, 'bulk', epsilon).height;
  const rare = saddle(sections, 'rare', epsilon).height;
  return { bulk, rare: Math.max(rare, logMoment(sections, 'rare', 0)) };
}

/** The cut at which the bulk is as much lower than the rare as is preferred: by bisection, since one falls, one rises. */
function balancedCut(parts: readonly ContourPart[], aim: Aim): { sections: Sections; height: number } {
  const dropped = leftOut(aim.logDelta);
  let [low, high] = [dropped + 1, 5];
  let best: { sections: Sections; height: number } | null = null;
  for (let trial = 0; trial < 10; trial++) {
    const cut = 0.5 * (low + high);
    const sections = sectionsOf(parts, { cut, dropped });
    const { bulk, rare } = heightsAt(sections, aim);
    const height = Math.max(bulk + PREFERENCE, rare);
    if (best === null || height < best.height) best = { sections, height };
    if (Math.abs(bulk + PREFERENCE - rare) < 0.5) break;
    [low, high] = bulk + PREFERENCE > rare ? [cut, high] : [low, cut];
  }
  return best as { sections: Sections; height: number };
}

/** The rare term alone, where the bulk cannot reach ε without being so far cut that it is negligible. */
function rareAlone(parts: readonly ContourPart[], aim: Aim): Plan | null {
  const { epsilon, logDelta } = aim;
  const sections = sectionsOf(parts, { cut: logDelta + MOST_HEIGHT - 1, dropped: leftOut(logDelta) });
  const { bulk, rare } = heightsAt(sections, aim);
  if (bulk > logDelta - DIGITS - 2 || rare > logDelta + MOST_HEIGHT) return null;
  return { epsilon, terms: [termOf(sections, 'rare', aim)] };
}

/** One term where that does, else two. */
export function planFor(parts: readonly ContourPart[], aim: Aim): Plan {
  const { epsilon, logDelta } = aim;
  const dropped = leftOut(logDelta);
  const whole = termOf(sectionsOf(parts, { cut: dropped, dropped }), 'bulk', aim);
  const one: Plan = { epsilon, terms: [whole] };
  const isWide = whole.reach > WIDE * epsilon;
  if (!isWide && whole.height < logDelta + GOOD_HEIGHT) return one;
  const alone = rareAlone(parts, aim);
  if (alone !== null) return alone;
  const { sections, height } = balancedCut(parts, aim);
  const allowed = isWide ? Math.max(whole.height, logDelta + MOST_HEIGHT + 2) : whole.height - 1;
  if (height > allowed) return one;
  return { epsilon, terms: [termOf(sections, 'bulk', aim), termOf(sections, 'rare', aim)] };
}

/**
 * The line of one attempt: each looks further out on a finer rule than the one before. Where a transform hardly decays,
 * what is left far out belongs to a kink of δ at a distance from ε, and a smooth end of the sum at 132/ε removes it.
 */
export function lineOf({ tilt, reach, decayed }: Term, epsilon: number, attempt: number): Line {
  const spacing = (2 * Math.PI) / ((1 + attempt / 4) * reach);
  const needed = Math.min(2 * decayed, Math.max(132 / epsilon, 5 * Math.abs(tilt)));
  const highest = Math.max(needed, 6 * spacing) * 1.6 ** (attempt - 1);
  return { tilt, spacing, points: Math.ceil(highest / spacing) };
}
