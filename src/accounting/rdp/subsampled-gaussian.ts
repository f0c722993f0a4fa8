/**
 * Rényi DP of the Poisson-subsampled Gaussian mechanism, for every real order, by quadrature.
 *
 * With Q = N(0, σ²), P = (1−q) N(0, σ²) + q N(1, σ²) and r = dP/dQ = 1 + q(e^u − 1), u = (2x−1)/(2σ²):
 * ε(α) = log A ÷ (α−1), A = E_Q[r^α]; the other direction, E_Q[r^(1−α)], is never larger (Mironov, Talwar, Zhang 2019,
 * Theorem 5). The published series for fractional α alternates and cancels; this sums the positive
 * A − 1 = E_Q[r^α − 1 − α(r−1)] by the trapezoid rule, which converges exponentially: r^α is analytic for
 * |Im x| < πσ² and no larger there than on the real line.
 */

import { HALF_LOG_2PI } from '../special/normal.ts';

/** Terms below e^−41 of the sum are left out. */
const DIGITS = 43;
const NEGLIGIBLE = 1e-18;
const SERIES_TERMS = 10;

/** The trapezoid step whose error on a Gaussian, exp(y²/2σ² − 2πy/h) for the best y, is e^−43. */
function gaussianStep(noiseMultiplier: number): number {
  return Math.PI * noiseMultiplier * Math.sqrt(2 / DIGITS);
}

/** The same for y < πσ², where r^α is analytic. */
export function quadratureStep(noiseMultiplier: number): number {
  const strip = 0.98 * Math.PI * noiseMultiplier ** 2;
  const gaussian = gaussianStep(noiseMultiplier);
  const limited = (2 * Math.PI * strip) / (DIGITS + strip ** 2 / (2 * noiseMultiplier ** 2));
  return (2 * Math.PI * noiseMultiplier ** 2) / gaussian <= strip ? gaussian : limited;
}

/** So many standard deviations from both peaks, the integrand is below rounding even beside an excess as small as 1e-30. */
const FAR = 16;

/**
 * Whether the zeros of r, at x = ½ + σ² log((1−q)/q) ± iπσ², lie so far from the peaks, at 0 and beyond 1, that they disturb nothing:
 * steps need not resolve πσ² then, which for little noise is next to nothing.
 */
function areZerosFar({ samplingRate, noiseMultiplier }: SubsampledGaussian): boolean {
  const zero = 0.5 + noiseMultiplier ** 2 * (Math.log1p(-samplingRate) - Math.log(samplingRate));
  return Math.min(zero, 1 - zero) > FAR * noiseMultiplier;
}

/** Where x ↦ α log r(x) − x²/2σ² has its rightmost peak: the fixed point x = α · P[sampled | x] reached from α. */
function rightPeak({ samplingRate, noiseMultiplier }: SubsampledGaussian, order: number): number {
  const logit = Math.log(samplingRate) - Math.log1p(-samplingRate);
  let x = order;
  for (let trial = 0; trial < 60; trial++) {
    const next = order / (1 + Math.exp(-logit - (2 * x - 1) / (2 * noiseMultiplier ** 2)));
    if (Math.abs(next - x) < noiseMultiplier / 4) return next;
    x = next;
  }
  return x;
}

/** log r(x) = log(1 − q + q e^u). */
export function logRatio(samplingRate: number, u: number): number {
  if (u < 30) return Math.log1p(samplingRate * Math.expm1(u));
  return u + Math.log(samplingRate) + Math.log1p(((1 - samplingRate) / samplingRate) * Math.exp(-u));
}

export interface SubsampledGaussian {
  /** In (0, 1]. */
  readonly samplingRate: number;
  /** Standard deviation ÷ sensitivity, in (0, ∞). */
  readonly noiseMultiplier: number;
}

interface Integrand extends SubsampledGaussian {
  readonly order: number;
  /** See `binomialSeries`. */
  readonly series: readonly number[];
  /** Subtracted from the exponents, so that nothing overflows. */
  readonly shift: number;
}

/** C(α, 11), …, C(α, 2), of t^11, …, t² in (1 + t)^α, for Horner's rule. */
export function binomialSeries(order: number): number[] {
  const coefficients: number[] = [];
  let coefficient = order;
  for (let m = 2; m < 2 + SERIES_TERMS; m++) {
    coefficient *= (order - m + 1) / m;
    coefficients.unshift(coefficient);
  }
  return coefficients;
}

/** √(2π)σ · N(x; 0, σ²) · (r^α − 1 − α(r−1)) · e^−shift, without cancellation. */
function integrandAt(x: number, f: Integrand): number {
  const { samplingRate, noiseMultiplier, order, series, shift } = f;
  const u = (2 * x - 1) / (2 * noiseMultiplier * noiseMultiplier);
  const logDensity = (-x * x) / (2 * noiseMultiplier * noiseMultiplier) - shift;
  const ratioTerm = u < 30 ? samplingRate * Math.expm1(u) : Number.POSITIVE_INFINITY;
  if (Math.abs(order * ratioTerm) < 0.1) {
    let sum = 0;
    for (const coefficient of series) sum = sum * ratioTerm + coefficient;
    return Math.exp(logDensity) * ratioTerm * ratioTerm * sum;
  }
  const logPower = order * logRatio(samplingRate, u);
  if (Math.abs(logPower) < 1) return Math.exp(logDensity) * (Math.expm1(logPower) - order * ratioTerm);
  const base = Math.exp(logDensity);
  return Math.exp(logPower + logDensity) - base - order * samplingRate * (Math.exp(u + logDensity) - base);
}

/** Sums from grid point `from` on in one direction until terms are negligible; returns the sum and the last point. */
function sumOutward(f: Integrand, step: number, walk: { from: number; by: 1 | -1; until: number; sum: number }) {
  let { sum, from: k } = walk;
  for (; k !== walk.until; k += walk.by) {
    const term = integrandAt(k * step, f);
    sum += term;
    if (!(term > NEGLIGIBLE * sum)) break;
  }
  return { sum, last: k };
}

/** E_Q[r^α − 1 − α(r−1)] e^−shift. */
function integrate(f: Integrand, step: number): number {
  const { noiseMultiplier: std } = f;
  const far = Number.MAX_SAFE_INTEGER;
  const peak = Math.round(rightPeak(f, f.order) / step);
  const right = sumOutward(f, step, { from: peak, by: 1, until: far, sum: 0 });
  const left = sumOutward(f, step, { from: peak - 1, by: -1, until: -far, sum: right.sum });
  const narrow = std < 0.05; // nothing then lies between the peak at 0 and the sampled one
  const nearLow = narrow ? 0 : Math.floor((-2 * std) / step);
  const nearHigh = narrow ? 0 : Math.ceil((2 + 2 * std) / step);
  let sum = left.sum;
  const covered = (k: number) => k >= left.last && k <= right.last;
  for (let k = nearLow; k <= nearHigh; k++) if (!covered(k)) sum += integrandAt(k * step, f);
  if (!covered(nearLow)) sum = sumOutward(f, step, { from: nearLow - 1, by: -1, until: -far, sum }).sum;
  if (nearHigh < left.last) sum = sumOutward(f, step, { from: nearHigh + 1, by: 1, until: left.last, sum }).sum;
  return (sum * step) / (std * Math.exp(HALF_LOG_2PI));
}

/** log E of a moment from E − 1, which is given times e^−shift. */
export function logFromExcess(excess: number, shift: number): number {
  return shift < 1 ? Math.log1p(excess * Math.exp(shift)) : shift + Math.log(excess + Math.exp(-shift));
}

/**
 * log E_Q[r^α] of the Poisson-subsampled Gaussian, α > 1, to about 1e-15 relative.
 */
export function subsampledGaussianLogMoment(mechanism: SubsampledGaussian, order: number): number {
  const { samplingRate, noiseMultiplier } = mechanism;
  if (samplingRate === 1) return (order * (order - 1)) / (2 * noiseMultiplier ** 2);
  const peak = rightPeak(mechanism, order);
  const height =
    order * logRatio(samplingRate, (2 * peak - 1) / (2 * noiseMultiplier ** 2)) -
    peak ** 2 / (2 * noiseMultiplier ** 2);
  const shift = Math.max(0, height);
  const f = { ...mechanism, order, series: binomialSeries(order), shift };
  return logFromExcess(
    integrate(f, areZerosFar(mechanism) ? gaussianStep(noiseMultiplier) : quadratureStep(noiseMultiplier)),
    shift,
  );
}
