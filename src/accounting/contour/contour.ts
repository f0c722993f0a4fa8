/**
 * The `contour` accountant: δ(ε) as a Bromwich integral, to about 1e-10 (an estimate, not a proven bound).
 *
 * The Laplace transform of s ↦ (1 − e^(ε−s))₊ is e^(−zε)/(z(z+1)), so for every θ > 0
 * δ(ε) = (1/π) ∫₀^∞ Re[ M(z)^T e^(−zε) ÷ (z(z+1)) ] du, z = θ + iu.
 * The trapezoid rule in u adds only the aliases e^(mθP) δ(ε + mP), P = 2π/du; θ is where Rényi DP has its optimum.
 * Where the loss has atoms or nearly has (few steps at a small rate), the integrand hardly decays: what is left far out
 * belongs to a kink of δ at a distance from ε, and a smooth cut-off removes it without harm.
 */

import type { FlatEvent, Repeated } from '../events.ts';
import { gaussianEpsilon } from '../gaussian/analytic.ts';
import { isPlainGaussian } from '../gaussian/gaussian-dp.ts';
import { laplaceEpsilon } from '../laplace.ts';
import { rdpEpsilon } from '../rdp/rdp.ts';
import { TAPER_WIDTH } from '../rdp/subsampled-gaussian.ts';
import { erfc } from '../special/erfc.ts';
import { ndtri } from '../special/normal.ts';
import { type Line, logMomentAt, type Transform, tiltedStd, transformAlong } from './line.ts';

/** Two successive refinements must agree to this, relative to ε. */
const AGREEMENT = 1e-10;
const MOST_ATTEMPTS = 7;
/** Of the sum, the share that must not cancel. */
const WORST_CONDITION = 1e-4;
const MOST_POINTS = 60_000;

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
    if (Math.abs(next - epsilon) < 1e-14 * start) return { epsilon: next, condition };
    epsilon = next;
  }
  return FAILED;
}

interface Problem {
  readonly parts: readonly Repeated[];
  readonly tilt: number;
  readonly std: number;
}

/** The line of one attempt: each looks further out on a finer rule than the one before. */
function lineOf({ tilt, std }: Problem, attempt: number): Line {
  const period = (24 + 6 * attempt) * std + 2 / tilt;
  const spacing = Math.min((2 * Math.PI * tilt) / (42 + 6 * attempt), (2 * Math.PI) / period, tilt / 3);
  const highest = Math.max(20 / std, 6 * spacing) * 2.1 ** attempt; // the taper is 1 up to half of it
  return { tilt, spacing, points: Math.min(MOST_POINTS, Math.ceil(highest / spacing)) };
}

function integrandOf(problem: Problem, attempt: number): Integrand {
  const line = lineOf(problem, attempt);
  const logMoment = logMomentAt(problem.parts, problem.tilt);
  return { line, logMoment, weights: taperedWeights(line), ...transformAlong(problem.parts, line) };
}

/** ε of exactly one step: δ = q δ₁(log(1 + (e^ε − 1)/q)), δ₁ of the unsampled Gaussian. */
function singleStep(
  { samplingRate, noiseMultiplier }: { samplingRate: number; noiseMultiplier: number },
  delta: number,
): number {
  if (delta >= samplingRate) return 0;
  const unsampled = gaussianEpsilon(1 / noiseMultiplier, delta / samplingRate);
  return unsampled > 30 ? unsampled + Math.log(samplingRate) : Math.log1p(samplingRate * Math.expm1(unsampled));
}

/** The closed forms: Gaussian noise without sampling, and one release of any kind. `null` for all else. */
export function closedForm(flat: FlatEvent, delta: number): number | null {
  const { parts } = flat;
  if (isPlainGaussian(flat)) {
    const squared = parts.map(({ mechanism, count }) => count / mechanism.noiseMultiplier ** 2);
    return gaussianEpsilon(Math.sqrt(squared.reduce((a, b) => a + b, 0)), delta);
  }
  const [first] = parts;
  if (first === undefined || parts.length > 1 || first.count > 1) return null;
  const { mechanism } = first;
  return mechanism.kind === 'laplace' ? laplaceEpsilon(mechanism.noiseMultiplier, delta) : singleStep(mechanism, delta);
}

/** Refines until two attempts agree; `null` where the sums cancel too much, or never agree. */
function refined(problem: Problem, start: number, delta: number): { epsilon: number; error: number } | null {
  let before = Number.NaN;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { epsilon, condition } = solve(integrandOf(problem, attempt), start, Math.log(delta));
    if (condition < WORST_CONDITION && attempt > 0) return null;
    const error = Math.abs(epsilon / before - 1);
    if (error < AGREEMENT) return { epsilon, error };
    before = epsilon;
  }
  return null;
}

/** Where a mechanism's outcomes may be tapered off so that all T of them together lose less than `loss`. */
function tapered({ mechanism, count }: Repeated, loss: number): Repeated {
  if (mechanism.kind !== 'gaussian' || mechanism.samplingRate === 1) return { mechanism, count };
  const { samplingRate, noiseMultiplier } = mechanism;
  const share = loss / (2 * count);
  const unsampled = -noiseMultiplier * ndtri(share);
  const sampled = 1 - noiseMultiplier * ndtri(Math.min(0.5, share / samplingRate));
  const end = Math.max(unsampled, sampled) + 2.5 * TAPER_WIDTH * noiseMultiplier;
  return { mechanism: { ...mechanism, end }, count };
}

/** What is solved, the upper bound from which, and how. */
function problemOf(parts: readonly Repeated[], delta: number): Problem & { start: number } {
  const { epsilon, optimalOrder } = rdpEpsilon({ parts, nonPrivate: null }, delta);
  const tilt = Math.min(Math.max((optimalOrder ?? 2) - 1, 1e-3), 1e7);
  return { parts, tilt, std: tiltedStd(parts, tilt), start: epsilon };
}

/**
 * ε at δ by the contour integral; `null` where two refinements never agreed to 1e-10.
 *
 * Where a rare large loss spoils the tilt (the sums cancel), outcomes that together have less than 1e-13 · δ are
 * tapered off first.
 */
export function contourEpsilon(flat: FlatEvent, delta: number): { epsilon: number; error: number } | null {
  const closed = closedForm(flat, delta);
  if (closed !== null) return { epsilon: closed, error: 1e-12 };
  const whole = problemOf(flat.parts, delta);
  if (whole.start === 0 || !Number.isFinite(whole.start)) return { epsilon: whole.start, error: 0 };
  const direct = refined(whole, whole.start, delta);
  if (direct !== null) return direct;
  const cut = problemOf(
    flat.parts.map((part) => tapered(part, (1e-13 * delta) / flat.parts.length)),
    delta,
  );
  return refined(cut, whole.start, delta);
}
