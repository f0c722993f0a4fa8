/**
 * One release on the nodes of a trapezoid rule in its outcome x: E_P[e^(zL)] = Σ mass · e^(z·loss), to about e^−43.
 *
 * Outcomes beyond a cut are taken away smoothly, by the taper ½ erfc((x − cut)/width), so that the rule still converges
 * exponentially: on the line Im x = y the integrand grows by at most exp(y²/2std² + y²/width²), and the error is that
 * times exp(−2πy/step). The loss is analytic for |y| < π std².
 */

import { logDensity, type MixturePair } from '../pld/gaussian-mixture-law.ts';
import { logSub } from '../special/log-space.ts';
import { logNdtr, logNormalDensity } from '../special/normal.ts';

/** Losses with their P-masses and the logarithms of these. */
export interface Outcomes {
  readonly losses: Float64Array;
  readonly masses: Float64Array;
  readonly logMasses: Float64Array;
}

/** The outcomes that count: tapered off below `from` (−∞: none are) and above `to`. */
export interface Between {
  readonly from: number;
  readonly to: number;
}

/** What a rule must resolve: e^(zL) for Re z = tilt, |Im z| ≤ highest. */
export interface Purpose {
  readonly tilt: number;
  readonly highest: number;
  /** Nodes below e^−digits of the largest, tilted, are left out. */
  readonly digits: number;
}

/** The nodes x = (first + k)·step, k = 0 … count − 1. */
export interface Rule {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** The error of the rule is e^−43. */
const DIGITS = 43;
/** So many standard deviations below all means is a P-mass of 1e-23. */
const LEFT = 10;
/** So many widths beyond a cut the taper is e^−42. */
const TAPER_REACH = 6.5;

/** A quarter of the noise's std, and less where noise is small, so that over it the loss grows by less than half. */
function taperWidth(std: number): number {
  return Math.min(0.25 * std, 0.3 * std * std);
}

/** An outcome beyond which is a P-mass of at most e^logMass: Φ(−z) ≤ ½ e^(−z²/2). */
export function cutFor({ p, std }: MixturePair, logMass: number): number {
  const ends = p.map(({ weight, mean }) => {
    const share = Math.min(0, logMass + Math.log((2 * p.length) / (2 * weight)));
    return mean + std * Math.sqrt(-2 * share);
  });
  return Math.max(...ends);
}

/** The step for frequencies up to `highest` where the loss grows by at most `slope` a unit of x. */
function stepFor(std: number, { highest, slope }: { highest: number; slope: number }): number {
  const growth = 0.5 / std ** 2 + 1 / taperWidth(std) ** 2;
  const y = Math.min(0.98 * Math.PI * std * std, Math.sqrt(DIGITS / growth));
  return (2 * Math.PI * y) / (DIGITS + growth * y * y + highest * slope * y);
}

function ruleOver({ from, to }: Between, step: number): Rule {
  const first = Math.ceil(from / step);
  return { first, count: Math.max(1, Math.floor(to / step) - first + 1), step };
}

function logTaper(x: number, cut: number, width: number): number {
  return logNdtr(((cut - x) / width) * Math.SQRT2);
}

/** log of the taper at `to` less the one at `from`, on the side where both are small. */
function logShare(x: number, { from, to }: Between, width: number): number {
  if (from === Number.NEGATIVE_INFINITY) return logTaper(x, to, width);
  return x < from // 1 − taper is the taper of the mirror image
    ? logSub(logTaper(-x, -from, width), logTaper(-x, -to, width))
    : logSub(logTaper(x, to, width), logTaper(x, from, width));
}

/** The outcomes on a rule. */
export function outcomesOn(pair: MixturePair, between: Between, { first, count, step }: Rule): Outcomes {
  const width = taperWidth(pair.std);
  const logScale = logNormalDensity(0) + Math.log(step / pair.std);
  const losses = new Float64Array(count);
  const logMasses = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const x = (first + k) * step;
    losses[k] = pair.lossAt(x);
    logMasses[k] = logDensity(pair, x) + logScale + logShare(x, between, width);
  }
  return { losses, logMasses, masses: logMasses.map((log) => Math.exp(log)) };
}

/** The rule for real z. */
export function realRule(pair: MixturePair, { from, to }: Between): Rule {
  const { std, p } = pair;
  const margin = TAPER_REACH * taperWidth(std);
  const low = Math.max(from - margin, Math.min(...p.map(({ mean }) => mean)) - LEFT * std);
  return ruleOver({ from: low, to: to + margin }, stepFor(std, { highest: 0, slope: 0 }));
}

/** The first and the last node that count. */
function counting({ losses, logMasses }: Outcomes, { tilt, digits }: Purpose): [number, number] {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < losses.length; k++) top = Math.max(top, logMasses[k] + tilt * losses[k]);
  const counts = (k: number) => logMasses[k] + tilt * losses[k] > top - digits;
  let [first, last] = [0, losses.length - 1];
  while (first < last && !counts(first)) first++;
  while (first < last && !counts(last)) last--;
  return [first, last];
}

/** The rule for complex z, given what is on the one for real z. */
export function complexRule({ std }: MixturePair, real: Rule, outcomes: Outcomes, purpose: Purpose): Rule {
  const [first, last] = counting(outcomes, purpose);
  const { losses } = outcomes;
  let steepest = 0;
  for (let k = first + 1; k <= last; k++)
    steepest = Math.max(steepest, Math.abs(losses[k] - losses[k - 1]) / real.step);
  const step = stepFor(std, { highest: purpose.highest, slope: 1.1 * steepest });
  return ruleOver({ from: (real.first + first) * real.step, to: (real.first + last) * real.step }, step);
}
