/**
 * The exact privacy of Gaussian noise (Balle, Wang 2018, Theorem 8), as a function of μ = sensitivity ÷ standard
 * deviation. T releases compose to √T · μ exactly (Dong, Roth, Su 2019, Corollary 3.3).
 */

import { findRoot } from '../numeric/brent.ts';
import { requireDelta, requireNonNegative, requirePositive } from '../require.ts';
import { erf, erfcx } from '../special/erfc.ts';
import { ndtr } from '../special/normal.ts';

/**
 * log δ(ε) = log[ Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ) ], for ε ≥ 0 and μ > 0. With t = ε/μ − μ/2 both terms share the
 * factor e^(−t²/2), which keeps δ = 1e-300 as precise as δ = 0.1.
 */
export function gaussianLogDelta(mu: number, epsilon: number): number {
  const near = epsilon / mu - mu / 2;
  const far = (epsilon / mu + mu / 2) * Math.SQRT1_2;
  if (near <= 0) return Math.log(ndtr(-near) - 0.5 * Math.exp(-0.5 * near * near) * erfcx(far));
  return -0.5 * near * near + Math.log(0.5 * (erfcx(near * Math.SQRT1_2) - erfcx(far)));
}

/** δ of Gaussian noise at ε: the least that holds. Throws a RangeError for μ < 0 or ε < 0. */
export function gaussianDelta(mu: number, epsilon: number): number {
  requireNonNegative('mu', mu, 'It is the sensitivity ÷ the standard deviation of the noise.');
  requireNonNegative('epsilon', epsilon, 'A privacy loss is never negative.');
  if (mu === 0 || epsilon === Number.POSITIVE_INFINITY) return 0;
  return mu === Number.POSITIVE_INFINITY ? 1 : Math.exp(gaussianLogDelta(mu, epsilon));
}

/** ε of Gaussian noise at δ: the least that holds; 0 where total variation is at most δ. */
export function gaussianEpsilon(mu: number, delta: number): number {
  requireNonNegative('mu', mu, 'It is the sensitivity ÷ the standard deviation of the noise.');
  requireDelta(delta);
  if (erf(mu / Math.SQRT2 / 2) <= delta) return 0;
  if (delta === 0 || mu === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const logDelta = Math.log(delta);
  const high = mu * mu * 0.5 + mu * Math.sqrt(-2 * logDelta);
  return findRoot((epsilon) => gaussianLogDelta(mu, epsilon) - logDelta, { low: 0, high, tolerance: 0 });
}

/** The largest μ that is (ε, δ)-DP. */
function largestMu(epsilon: number, delta: number): number {
  const logDelta = Math.log(delta);
  const excess = (logMu: number) => gaussianLogDelta(Math.exp(logMu), epsilon) - logDelta;
  let [low, high] = [-1, 1];
  while (excess(low) > 0) low *= 2;
  while (excess(high) < 0) high *= 2;
  return Math.exp(findRoot(excess, { low, high, tolerance: 1e-15 }));
}

/**
 * The least noise multiplier (standard deviation ÷ sensitivity) with which one Gaussian release is (ε, δ)-DP:
 * the analytic calibration, valid for every ε ≥ 0 (1.3328 at ε = 1, δ = 0.05, where the classic one gives 2.5373).
 */
export function analyticGaussianMultiplier(epsilon: number, delta: number): number {
  requireNonNegative('epsilon', epsilon, 'A privacy loss is never negative.');
  requireDelta(delta);
  if (epsilon === Number.POSITIVE_INFINITY) return 0;
  return delta === 0 ? Number.POSITIVE_INFINITY : 1 / largestMu(epsilon, delta);
}

/**
 * The classic calibration √(2 ln(1.25/δ)) ÷ ε (Dwork, Roth 2014, Theorem A.1), a valid bound for ε ≤ 1 only.
 * Throws a RangeError beyond.
 */
export function classicGaussianMultiplier(epsilon: number, delta: number): number {
  requirePositive('epsilon', epsilon, 'The classic calibration holds for 0 < epsilon ≤ 1.');
  requirePositive('delta', delta, 'The classic calibration needs delta above 0.');
  requireDelta(delta);
  if (epsilon > 1) {
    throw new RangeError(
      `epsilon must be at most 1 for the classic calibration, but is ${epsilon}. Use the analytic one.`,
    );
  }
  return Math.sqrt(2 * Math.log(1.25 / delta)) / epsilon;
}
