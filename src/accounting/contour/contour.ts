/**
 * The `contour` accountant: δ(ε) as a Bromwich integral, to about 1e-10 (an estimate, not a proven bound).
 *
 * The Laplace transform of s ↦ (1 − e^(ε−s))₊ is e^(−zε)/(z(z+1)), so for every θ > 0
 * δ(ε) = (1/π) ∫₀^∞ Re[ M(z)^T e^(−zε) ÷ (z(z+1)) ] du, z = θ + iu.
 * The trapezoid rule in u adds only the aliases e^(mθP) δ(ε + mP), P = 2π/du; θ is where Rényi DP has its optimum.
 * Where the loss has atoms or nearly has (few steps at a small rate), the integrand hardly decays: what is left far out
 * belongs to a kink of δ at a distance from ε, and a smooth cut-off removes it without harm.
 */

import { closedForm } from '../closed-form.ts';
import { UnsupportedEventError } from '../errors.ts';
import type { FlatEvent, Repeated } from '../mechanisms.ts';
import { minimize } from '../numeric/brent.ts';
import { rdpEpsilon } from '../rdp/rdp.ts';
import { TAPER_WIDTH } from '../rdp/subsampled-gaussian.ts';
import { erfc } from '../special/erfc.ts';
import { ndtri } from '../special/normal.ts';
import { type ContourPart, type Line, logMomentAt, type Transform, tiltedStd, transformAlong } from './line.ts';
import { stepFor } from './tilted-loss.ts';

/** Two successive refinements must agree to this, relative to ε. */
const AGREEMENT = 1e-10;
const MOST_ATTEMPTS = 7;
/** Of the sum, the share that must not cancel. */
const WORST_CONDITION = 1e-4;
const MOST_POINTS = 8000;
/** Points times nodes of the mechanisms, of one attempt: about 0.1 s. */
const MOST_WORK = 4e7;
/** Of the start: a solution below it means that the sum never reached the target. */
const SMALLEST = 1e-9;

/** A line with everything on it that does not depend on ε. */
interface Integrand extends Transform {
  readonly line: Line;
  readonly logMoment: number;
  /** Of each point: its part of the trapezoid sum, tapered to 0 at the far end. */
  readonly weights: Float64Array;
}

function taperedWeights({ points, spacing }: Line): Float64Array {
  const weights = new Float64Array(points);
  for (let k = 0; k < points; k++) weights[k] = 0.5 * erfc(12 * (k / points - 0.5)) * (spacing / Math.PI);
  weights[0] *= 0.5;
  return weights;
}

/** log δ(ε), its derivative, and the share of the sum that does not cancel. NaN where the sum is not positive. */
function logDeltaAt({ line, logMoment, weights, modulus, phase }: Integrand, epsilon: number) {
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
  return { logDelta: logMoment - tilt * epsilon + Math.log(sum), slope: slope / sum, condition: sum / total };
}

/** A solution, and how much of the sum was left after cancelling (0 where it failed). */
interface Solution {
  readonly epsilon: number;
  readonly condition: number;
}

const FAILED: Solution = { epsilon: Number.NaN, condition: 0 };

/** ε in [0, start] with log δ(ε) = target: Newton's method, halved where it leaves the bracket. NaN where the sum fails. */
function solve(integrand: Integrand, start: number, target: number): Solution {
  let [low, high, epsilon] = [0, start, start];
  for (let trial = 0; trial < 60; trial++) {
    const { logDelta, slope, condition } = logDeltaAt(integrand, epsilon);
    if (Number.isNaN(logDelta)) return FAILED;
    if (logDelta > target) low = epsilon;
    else high = epsilon;
    const newton = epsilon - (logDelta - target) / slope;
    const next = newton > low && newton < high ? newton : 0.5 * (low + high);
    if (Math.abs(next - epsilon) < 1e-14 * start)
      return next > SMALLEST * start ? { epsilon: next, condition } : FAILED;
    epsilon = next;
  }
  return FAILED;
}

interface Problem {
  readonly parts: readonly ContourPart[];
  readonly tilt: number;
  /** Standard deviation of the tilted sum, or less where a rare large loss inflates it. */
  readonly std: number;
  /** How far the tilted sum reaches. */
  readonly reach: number;
}

/** The line of one attempt: each looks further out on a finer rule than the one before. */
function lineOf({ tilt, std, reach }: Problem, attempt: number): Line {
  const period = (1 + attempt / 4) * reach + 2 / tilt;
  const spacing = Math.min((2 * Math.PI * tilt) / (42 + 6 * attempt), (2 * Math.PI) / period, tilt / 3);
  const highest = Math.max(20 / std, 6 * spacing) * 2.1 ** attempt; // the taper is 1 up to half of it
  return { tilt, spacing, points: Math.ceil(highest / spacing) };
}

function integrandOf(problem: Problem, line: Line): Integrand {
  const logMoment = logMomentAt(problem.parts, problem.tilt);
  return { line, logMoment, weights: taperedWeights(line), ...transformAlong(problem.parts, line) };
}

/** Points times nodes, roughly: a rule resolves high frequencies by many nodes. */
function workOf(parts: readonly ContourPart[], { points, spacing }: Line): number {
  const nodes = parts.map(({ mechanism }) =>
    mechanism.kind === 'gaussian' && mechanism.samplingRate < 1
      ? (25 * mechanism.noiseMultiplier) / stepFor(mechanism.noiseMultiplier, points * spacing)
      : 1,
  );
  return points * nodes.reduce((a, b) => a + b, 0);
}

/** Refines until two attempts agree; `null` where the sums cancel too much, or never agree. */
function refined(problem: Problem, start: number, delta: number): { epsilon: number; error: number } | null {
  let before = Number.NaN;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const line = lineOf(problem, attempt);
    if (line.points > MOST_POINTS || workOf(problem.parts, line) > MOST_WORK) return null;
    const { epsilon, condition } = solve(integrandOf(problem, line), start, Math.log(delta));
    if (condition < WORST_CONDITION && attempt > 0) return null;
    const error = Math.abs(epsilon / before - 1);
    if (error < AGREEMENT) return { epsilon, error };
    before = epsilon;
  }
  return null;
}

/** Where a mechanism's outcomes may be tapered off so that all T of them together lose less than `loss`. */
function tapered({ mechanism, count }: ContourPart, loss: number): ContourPart {
  if (mechanism.kind !== 'gaussian' || mechanism.samplingRate === 1) return { mechanism, count };
  const { samplingRate, noiseMultiplier } = mechanism;
  const share = loss / (2 * count);
  const unsampled = -noiseMultiplier * ndtri(share);
  const sampled = 1 - noiseMultiplier * ndtri(Math.min(0.5, share / samplingRate));
  const end = Math.max(unsampled, sampled) + 2.5 * TAPER_WIDTH * noiseMultiplier;
  return { mechanism: { ...mechanism, end }, count };
}

/** The problem with the tilt at which Rényi DP has its optimum. */
function renyiProblem(parts: readonly ContourPart[], order: number | null): Problem {
  const tilt = Math.min(Math.max((order ?? 2) - 1, 1e-3), 1e7);
  const std = tiltedStd(parts, tilt);
  return { parts, tilt, std, reach: 24 * std };
}

/** The θ at which the integral's first term, M(θ)^T e^(−θε)/(θ(θ+1)), is least. */
function saddle(parts: readonly ContourPart[], epsilon: number): number {
  const height = (log: number) => {
    const tilt = Math.exp(log);
    return logMomentAt(parts, tilt) - tilt * epsilon - log - Math.log1p(tilt);
  };
  return Math.exp(minimize(height, { low: Math.log(0.1 / epsilon), high: Math.log(200 / epsilon), tolerance: 1e-2 }));
}

/** How far above ε the tilted sum reaches, by Chernoff's bound on a mass of e^−30. */
function reachAbove(parts: readonly ContourPart[], tilt: number, epsilon: number): number {
  const at = logMomentAt(parts, tilt);
  const end = (log: number) => {
    const further = Math.exp(log);
    return (logMomentAt(parts, tilt + further) - at + 30) / further;
  };
  const best = minimize(end, { low: Math.log(tilt) - 6, high: Math.log(tilt) + 2, tolerance: 0.1 });
  return Math.max(0, end(best) - epsilon);
}

/**
 * The problem without the outcomes that together have less than 1e-12 · δ: a rare large loss then no longer spoils the
 * tilt. ε must be known nearly.
 */
function taperedProblem(parts: readonly ContourPart[], delta: number, epsilon: number): Problem {
  const cut = parts.map((part) => tapered(part, (1e-12 * delta) / parts.length));
  const tilt = saddle(cut, epsilon);
  const reach = reachAbove(cut, tilt, epsilon) + 30 / tilt;
  return { parts: cut, tilt, std: Math.min(tiltedStd(cut, tilt), epsilon, 4 / tilt), reach };
}

function isCovered(part: Repeated): part is ContourPart {
  return part.mechanism.kind === 'gaussian' || part.mechanism.kind === 'laplace';
}

function coveredParts({ parts }: FlatEvent): ContourPart[] {
  return parts.map((part) => {
    if (isCovered(part)) return part;
    throw new UnsupportedEventError(
      `Accountant "contour" covers "gaussian" (also Poisson-sampled) and "laplace" events, but met ` +
        `"${part.mechanism.kind}". Use "pld" or "rdp".`,
    );
  });
}

/** Whether the contour integral covers every mechanism. */
export function hasTransforms({ parts }: FlatEvent): boolean {
  return parts.every(isCovered);
}

export interface ContourEpsilon {
  readonly epsilon: number;
  /** Relative difference of the last two refinements. */
  readonly error: number;
}

/**
 * ε at δ by the contour integral, from Rényi DP alone; `null` where two refinements never agreed to 1e-10, as happens
 * where a rare large loss spoils the tilt (the sums cancel).
 */
export function contourEpsilon(flat: FlatEvent, delta: number): ContourEpsilon | null {
  const closed = closedForm(flat, delta);
  if (closed !== null) return { epsilon: closed, error: 1e-12 };
  const parts = coveredParts(flat);
  const { epsilon: start, optimalOrder } = rdpEpsilon(flat, delta);
  if (start === 0 || !Number.isFinite(start)) return { epsilon: start, error: 0 };
  return refined(renyiProblem(parts, optimalOrder), start, delta);
}

/** The same where ε is already known to lie just below `start`; `null` where that does not help either. */
export function contourEpsilonNear(flat: FlatEvent, delta: number, start: number): ContourEpsilon | null {
  return refined(taperedProblem(coveredParts(flat), delta, start), start, delta);
}
