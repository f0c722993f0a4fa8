/**
 * The privacy loss L = log r(x) of one Poisson-subsampled Gaussian step, x ~ P, tilted by e^(θL), on the nodes of a
 * trapezoid rule. Weights are r^(θ+1) N(x; 0, σ²), normalized: E_P[e^(zL)] ÷ E_P[e^(θL)] = Σ weight · e^((z−θ)L).
 */

import type { GaussianMechanism } from '../mechanisms.ts';
import { logRatio, logTaper, TAPER_STEP, taperedPeak } from '../rdp/subsampled-gaussian.ts';

export interface TiltedLoss {
  readonly losses: Float64Array;
  readonly weights: Float64Array;
  readonly mean: number;
  readonly variance: number;
}

/** e^−46: nodes below it, relative to the largest, are left out. */
const CUT = 46;
/** The error of the rule is e^−43. */
const DIGITS = 43;

/**
 * The trapezoid step that resolves r^(θ+1+iu) for |u| ≤ `highest`: on the line Im x = y the integrand grows by
 * at most exp(y²/2σ² + uy/σ²), and the rule's error is that times exp(−2πy/h).
 */
export function stepFor(noiseMultiplier: number, highest: number): number {
  const strip = 0.98 * Math.PI * noiseMultiplier ** 2;
  const best = noiseMultiplier * Math.sqrt(2 * DIGITS);
  const y = Math.min(strip, best);
  return (2 * Math.PI * y) / (DIGITS + (0.5 * y * y + highest * y) / noiseMultiplier ** 2);
}

/** Grid points outward from `from` whose log weight is within the cut of `top`. */
function reach(logWeight: (k: number) => number, from: number, { by, top }: { by: 1 | -1; top: number }): number {
  let k = from;
  while (logWeight(k + by) > top - CUT) k += by;
  return k;
}

/** The runs of grid points that count: around the unsampled peak at 0 and around the sampled one. */
function significantRuns(logWeight: (k: number) => number, peaks: readonly number[]): [number, number][] {
  const top = Math.max(...peaks.map(logWeight));
  const runs = peaks
    .filter((peak) => logWeight(peak) > top - CUT)
    .map((peak): [number, number] => [reach(logWeight, peak, { by: -1, top }), reach(logWeight, peak, { by: 1, top })]);
  const [left, right] = runs;
  if (left === undefined || right === undefined) return runs;
  return left[1] >= right[0] ? [[Math.min(left[0], right[0]), Math.max(left[1], right[1])]] : [left, right];
}

function indices(runs: readonly (readonly [number, number])[]): number[] {
  return runs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** The tilted loss of one step; `highest` is the largest |Im z| at which its transform will be asked. */
export function tiltedLoss(mechanism: GaussianMechanism, tilt: number, highest: number): TiltedLoss {
  const { samplingRate, noiseMultiplier, end = Number.POSITIVE_INFINITY } = mechanism;
  const analytic = stepFor(noiseMultiplier, highest);
  const step = Number.isFinite(end) ? Math.min(analytic, TAPER_STEP * noiseMultiplier) : analytic;
  const lossAt = (k: number) => logRatio(samplingRate, (2 * k * step - 1) / (2 * noiseMultiplier ** 2));
  const logWeight = (k: number) =>
    (tilt + 1) * lossAt(k) - (k * step) ** 2 / (2 * noiseMultiplier ** 2) + logTaper(k * step, mechanism);
  const right = Math.round(taperedPeak(mechanism, tilt + 1) / step);
  const chosen = indices(significantRuns(logWeight, right > 0 ? [0, right] : [right]));
  const losses = Float64Array.from(chosen, lossAt);
  const logs = Float64Array.from(chosen, logWeight);
  return normalized(losses, logs);
}

function normalized(losses: Float64Array, logs: Float64Array): TiltedLoss {
  const top = logs.reduce((a, b) => Math.max(a, b));
  const weights = logs.map((log) => Math.exp(log - top));
  const total = weights.reduce((a, b) => a + b);
  for (let i = 0; i < weights.length; i++) weights[i] /= total;
  let [mean, variance] = [0, 0];
  for (let i = 0; i < weights.length; i++) mean += weights[i] * losses[i];
  for (let i = 0; i < weights.length; i++) variance += weights[i] * (losses[i] - mean) ** 2;
  return { losses, weights, mean, variance };
}
