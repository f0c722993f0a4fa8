/** Audits that take the mechanism's trade-off curve to be Gaussian: far tighter, and wrong where it is not. */

import { gaussianEpsilon } from '../gaussian/analytic.ts';
import { ndtri } from '../special/normal.ts';
import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { type GuessCounts, type RateBounds, rateBounds } from './counts.ts';

export const GAUSSIAN_FAMILY = 'the trade-off curve of the mechanism is that of one Gaussian release (μ-GDP)';

/** μ ≥ Φ⁻¹(1 − FPR) − Φ⁻¹(FNR): of all μ-GDP mechanisms the least that allows these rates (Nasr et al. 2023, section 4). */
export function muOfRates({ truePositive, falsePositive }: RateBounds): number {
  const mu = -ndtri(falsePositive) - ndtri(1 - truePositive);
  return Math.max(0, mu);
}

/** ε at δ > 0 of the Gaussian with that μ. Throws a RangeError at δ = 0, where it is ∞ for every μ. */
export function epsilonOfMu(mu: number, delta: number): number {
  if (delta === 0) {
    throw new RangeError('delta must be above 0 for an audit within the Gaussian family, whose ε is ∞ at delta 0.');
  }
  return gaussianEpsilon(mu, delta);
}

/** The ε that one fixed guessing rule proves of a mechanism known to be Gaussian. */
export function auditGaussianCounts(counts: GuessCounts, level: AuditLevel): AuditResult {
  const mu = muOfRates(rateBounds(counts, significanceOf(level)));
  return { ...gaussianResult(level), epsilon: epsilonOfMu(mu, level.delta) };
}

/** A result within the family, but for its ε. */
export function gaussianResult({ delta, confidence }: AuditLevel): Omit<AuditResult, 'epsilon'> {
  return { delta, confidence, method: 'gaussian-dp', assumption: GAUSSIAN_FAMILY };
}
