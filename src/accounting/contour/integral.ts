/** The sums along the contours, and the ε that they give. */

import { erfc } from '../special/erfc.ts';
import type { Line, Transform } from './line.ts';
import { logMoment } from './moments.ts';
import { lineOf, type Plan, type Term } from './plan.ts';
import { resolved, workOf } from './sections.ts';
import { transformAlong } from './transform.ts';

/** P- and Q-mass of a section, as logarithms: what crossing the poles at 0 and −1 leaves. */
interface Residues {
  readonly p: number;
  readonly q: number;
}

/** A term with everything on its line that does not depend on ε. */
export interface Integrand extends Transform {
  readonly line: Line;
  readonly logMoment: number;
  /** Of each point: its part of the trapezoid sum, tapered to 0 at the far end. */
  readonly weights: Float64Array;
  /** Of a contour left of the poles. */
  readonly residues: Residues | null;
}

const MOST_POINTS = 8000;

function taperedWeights({ points, spacing }: Line): Float64Array {
  const weights = new Float64Array(points);
  for (let k = 0; k < points; k++) weights[k] = 0.5 * erfc(12 * (k / points - 0.5)) * (spacing / Math.PI);
  weights[0] *= 0.5;
  return weights;
}

function integrandOf({ section, sections, tilt }: Term, line: Line): Integrand {
  const onLine = resolved(sections, line);
  const residues =
    section === 'rare' ? { p: logMoment(sections, 'rare', 0), q: logMoment(sections, 'rare', -1) } : null;
  return {
    ...{ line, residues, weights: taperedWeights(line), logMoment: logMoment(onLine, section, tilt) },
    ...transformAlong(onLine, section, line),
  };
}

/** The plan's integrands at an attempt, and what they cost; `null` where that is above `mostWork` points times nodes. */
export function integrandsOf(
  { terms, epsilon }: Plan,
  { attempt, mostWork }: { attempt: number; mostWork: number },
): { integrands: Integrand[]; work: number } | null {
  const lines = terms.map((term) => lineOf(term, epsilon, attempt));
  if (!lines.every(({ points }) => points <= MOST_POINTS)) return null;
  const work = terms.reduce((sum, { sections, section }, i) => sum + workOf(sections, section, lines[i] as Line), 0);
  if (work > mostWork) return null;
  return { integrands: terms.map((term, i) => integrandOf(term, lines[i] as Line)), work };
}

/** A sum, its derivative by ε, and the sum of the sizes of all that was added: how much cancelled. */
interface Sum {
  readonly sum: number;
  readonly slope: number;
  readonly total: number;
}

/** (1/π) Σ Re[M(z) e^(−zε) ÷ (z(z+1))] du, times e^−shift. */
function sumAlong({ line, logMoment, weights, modulus, phase }: Integrand, epsilon: number, shift: number): Sum {
  const { tilt, spacing, points } = line;
  let [sum, slope, total] = [0, 0, 0];
  for (let k = 0; k < points; k++) {
    if (modulus[k] < -60) continue;
    const u = k * spacing;
    const size = weights[k] * Math.exp(modulus[k]);
    const angle = phase[k] - u * epsilon;
    // 1/(z+1) = conj(z+1)/|z+1|², and 1/z its like
    const [re, im] = [size * Math.cos(angle), size * Math.sin(angle)];
    const norm = (tilt + 1) ** 2 + u * u;
    const [overRe, overIm] = [(re * (tilt + 1) + im * u) / norm, (im * (tilt + 1) - re * u) / norm];
    slope -= overRe;
    total += size / Math.sqrt(norm * (tilt * tilt + u * u));
    sum += (overRe * tilt + overIm * u) / (tilt * tilt + u * u);
  }
  const scale = Math.exp(logMoment - tilt * epsilon - shift);
  return { sum: sum * scale, slope: slope * scale, total: total * scale };
}

/** P[rare] − e^ε Q[rare], times e^−shift. */
function residueSum({ p, q }: Residues, epsilon: number, shift: number): Sum {
  const [withP, withQ] = [Math.exp(p - shift), Math.exp(q + epsilon - shift)];
  return { sum: withP - withQ, slope: -withQ, total: withP };
}

/** log δ(ε), its derivative, and the share of the sum that does not cancel. NaN where the sum is not positive. */
export function logDeltaAt(integrands: readonly Integrand[], epsilon: number) {
  const shift = Math.max(...integrands.map(({ logMoment, line }) => logMoment - line.tilt * epsilon));
  const { sum, slope, total } = integrands
    .flatMap((one) => [
      sumAlong(one, epsilon, shift),
      ...(one.residues === null ? [] : [residueSum(one.residues, epsilon, shift)]),
    ])
    .reduce((a, b) => ({ sum: a.sum + b.sum, slope: a.slope + b.slope, total: a.total + b.total }));
  return { logDelta: shift + Math.log(sum), slope: slope / sum, condition: sum / total };
}

/** A solution, and how much of the sum was left after cancelling. */
export interface Solution {
  readonly epsilon: number;
  readonly condition: number;
}

/**
 * ε with log δ(ε) = target between half of `start` and 5/4 of it: Newton's method, halved where it leaves the bracket.
 * The nearer end where there is none.
 */
export function solve(integrands: readonly Integrand[], start: number, target: number): Solution {
  let [low, high, epsilon, condition] = [0.5 * start, 1.25 * start, start, 0];
  for (let trial = 0; trial < 60; trial++) {
    const at = logDeltaAt(integrands, epsilon);
    condition = at.condition;
    if (at.logDelta > target) low = epsilon;
    else high = epsilon; // also where the sum is negative: rounding then hides a δ that is far too small
    const newton = epsilon - (at.logDelta - target) / at.slope;
    if (Math.abs(newton - epsilon) < 1e-13 * start) return { epsilon: newton, condition };
    epsilon = newton > low && newton < high ? newton : 0.5 * (low + high);
  }
  return { epsilon, condition };
}
