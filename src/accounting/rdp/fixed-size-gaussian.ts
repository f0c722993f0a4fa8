/**
 * Rényi DP of Gaussian noise on a batch drawn without replacement, one record replaced (Wang, Balle, Kasiviswanathan
 * 2019, Theorem 9). With q = batch ÷ records, for whole α
 * A ≤ 1 + q² C(α,2) min{4(e^(ε₂) − 1), 2 e^(ε₂)} + Σ_{j≥3} q^j C(α,j) min{4 √(B(2⌊j/2⌋) B(2⌈j/2⌉)), 2 e^((j−1)ε_j)},
 * ε_j = j/(2σ²), B(l) = E[(e^u − 1)^l], u = (2x−1)/(2σ²), x ~ N(0, σ²): for even l a sum of positive terms, here by
 * quadrature (the alternating sum of binomials cancels). Between whole orders log A is convex: the chord is a bound.
 */

import type { FixedSizeGaussianMechanism } from '../mechanisms.ts';
import { logChoose } from '../special/gamma.ts';
import { logSumExp } from '../special/log-space.ts';
import { HALF_LOG_2PI } from '../special/normal.ts';
import { quadratureStep } from './subsampled-gaussian.ts';

/** Beyond it sampling gains nothing here. */
const LARGEST_ORDER = 512;

/** Below it B(l) is e^(l(l−1)/2σ²) to more than double precision, so that the second of the bounds is the smaller. */
const LITTLE_NOISE = 0.15;

/** log B(l), l even, by the trapezoid rule. */
function logCentralMoment(noiseMultiplier: number, l: number): number {
  const step = Math.min(quadratureStep(noiseMultiplier), noiseMultiplier / 8);
  const [from, to] = [-12 * noiseMultiplier - 1, l + 1 + 12 * noiseMultiplier];
  const terms = Array.from({ length: Math.ceil((to - from) / step) }, (_, k) => {
    const x = from + k * step;
    const u = (2 * x - 1) / (2 * noiseMultiplier ** 2);
    const logSize = u > 30 ? u : Math.log(Math.abs(Math.expm1(u)));
    return l * logSize - x ** 2 / (2 * noiseMultiplier ** 2);
  });
  return logSumExp(terms) + Math.log(step / noiseMultiplier) - HALF_LOG_2PI;
}

/** What one mechanism's orders share; the last few mechanisms are kept. */
interface Moments {
  readonly central: Map<number, number>;
  readonly whole: Map<number, number>;
}

const kept = new Map<string, Moments>();

function momentsOf({ samplingRate, noiseMultiplier }: FixedSizeGaussianMechanism): Moments {
  const key = `${samplingRate} ${noiseMultiplier}`;
  const known = kept.get(key) ?? { central: new Map(), whole: new Map() };
  if (kept.size > 32) kept.clear();
  kept.set(key, known);
  return known;
}

function remembered(cache: Map<number, number>, key: number, make: () => number): number {
  const value = cache.get(key) ?? make();
  cache.set(key, value);
  return value;
}

/** log of the j-th term of the bound. */
function logTerm(mechanism: FixedSizeGaussianMechanism, central: Map<number, number>, j: number): number {
  const { samplingRate, noiseMultiplier } = mechanism;
  const moment = (l: number) => remembered(central, l, () => logCentralMoment(noiseMultiplier, l));
  const whole = (j * (j - 1)) / (2 * noiseMultiplier ** 2);
  if (noiseMultiplier < LITTLE_NOISE && j > 2) return j * Math.log(samplingRate) + Math.LN2 + whole;
  if (j === 2) return 2 * Math.log(samplingRate) + Math.min(Math.log(4 * Math.expm1(whole)), Math.LN2 + whole);
  const mixed = Math.log(4) + 0.5 * (moment(2 * Math.floor(j / 2)) + moment(2 * Math.ceil(j / 2)));
  return j * Math.log(samplingRate) + Math.min(mixed, Math.LN2 + whole);
}

/** log A at a whole order. */
function logMoment(mechanism: FixedSizeGaussianMechanism, order: number): number {
  const { central, whole } = momentsOf(mechanism);
  return remembered(whole, order, () => {
    const terms = Array.from(
      { length: order - 1 },
      (_, k) => logChoose(order, k + 2) + logTerm(mechanism, central, k + 2),
    );
    if (terms.length === 0) return 0;
    const log = logSumExp(terms);
    return log > 37 ? log : Math.log1p(Math.exp(log));
  });
}

/** ε(α); beyond order 512 without what sampling gains. */
export function fixedSizeGaussianRdp(mechanism: FixedSizeGaussianMechanism, order: number): number {
  const unsampled = order / (2 * mechanism.noiseMultiplier ** 2);
  if (order > LARGEST_ORDER) return unsampled;
  const below = Math.floor(order);
  const part = order - below;
  const low = logMoment(mechanism, below);
  const high = part === 0 ? low : logMoment(mechanism, below + 1);
  const amplified = (low + part * (high - low)) / (order - 1);
  return Math.min(amplified, unsampled);
}
