/**
 * Audits that take the mechanism to be Gaussian noise on a Poisson sample, of a known rate: its trade-off curves, of one step or of
 * a composition, are compared with the rates, and the least noise whose curve they do not violate is found.
 */

import { calibrateNoiseMultiplier } from '../calibrate.ts';
import { epsilonOf } from '../epsilon-of.ts';
import { dpSgdEvent } from '../events.ts';
import { minimize } from '../numeric/brent.ts';
import { requireCount } from '../require.ts';
import { ndtri } from '../special/normal.ts';
import { type AuditLevel, type AuditResult, significanceOf } from './audit-result.ts';
import { epsilonOfRates, type GuessCounts, type RateBounds, rateBounds } from './counts.ts';
import { type AuditScores, checkScores, chosenCounts } from './scores.ts';

export interface SampledGaussian {
  /** Probability with which a record is in a step, known; above 0 and at most 1. */
  readonly samplingRate: number;
  /** Steps that ε is stated for. */
  readonly steps: number;
  /**
   * What one trial shows: a step (⟨g̃_t, canary⟩, one observation for each t; every step has the same noise), or all steps together.
   */
  readonly observed: 'step' | 'training';
}

export interface SampledGaussianAudit extends AuditResult {
  /** The noise multiplier is below this, with the confidence; ∞ where the rates refute none. */
  readonly noiseMultiplier: number;
}

/** What an audit within the family takes for granted. */
export function sampledGaussianFamily({ samplingRate }: SampledGaussian): string {
  return `the mechanism is Gaussian noise on a Poisson sample of rate ${samplingRate}, the same in each step`;
}

/**
 * The least noise multiplier σ that the rates of one step do not refute. A test of Q = N(0, σ²) against P = (1−q) N(0, σ²) + q N(1, σ²)
 * thresholds x, so that TPR ≤ (1−q) FPR + q Φ(Φ⁻¹(FPR) + 1/σ); the test turned round says the same of the complements. ∞ where any
 * noise does, 0 where none can (TPR ≥ q + (1−q) FPR: the sampling rate is higher than stated).
 */
export function noiseOfStep({ truePositive, falsePositive }: RateBounds, samplingRate: number): number {
  const shown = (truePositive - (1 - samplingRate) * falsePositive) / samplingRate;
  if (!(shown > falsePositive)) return Number.POSITIVE_INFINITY;
  if (shown >= 1) return 0;
  return 1 / (ndtri(shown) - ndtri(falsePositive));
}

/**
 * The same of `steps` steps together. The curve is the envelope of the lines TPR ≤ δ′ + e^ε(δ′) FPR, ε(δ′) the accountant's upper
 * bound over both directions: each line gives a noise at which ε(δ′) is log((TPR − δ′)/FPR), and the least of them holds, whichever
 * lines were tried.
 */
export function noiseOfTraining(rates: RateBounds, { samplingRate, steps }: SampledGaussian): number {
  const noiseAt = (delta: number) => {
    const epsilon = epsilonOfRates(rates, delta);
    if (epsilon < LEAST) return Number.POSITIVE_INFINITY;
    return calibrateNoiseMultiplier({ epsilon, delta, samplingRate, steps });
  };
  const largest = Math.max(rates.truePositive, 1 - rates.falsePositive);
  const deltaAt = (logit: number) => largest / (1 + Math.exp(-logit));
  const score = (logit: number) => Math.min(noiseAt(deltaAt(logit)), 1e12);
  const starts = [-9, -6, -4, -2.5, -1.5, -0.5, 0.5, 2];
  const best = starts.reduce((a, b) => (score(b) < score(a) ? b : a));
  const refined = minimize(score, { low: best - 1.5, high: best + 1, tolerance: 0.02 });
  return Math.min(noiseAt(deltaAt(best)), noiseAt(deltaAt(refined)));
}

/** An ε that no calibration need look for: the rates show nothing. */
const LEAST = 1e-6;

/** The ε of the family's member that only just is not refuted: at least that has the true mechanism. */
function epsilonOfNoise(noiseMultiplier: number, { samplingRate, steps }: SampledGaussian, delta: number): number {
  if (noiseMultiplier === Number.POSITIVE_INFINITY) return 0;
  if (noiseMultiplier === 0) return Number.POSITIVE_INFINITY;
  return epsilonOf(dpSgdEvent({ samplingRate, noiseMultiplier, steps }), delta).lower ?? 0;
}

function checkFamily({ samplingRate, steps }: SampledGaussian, { delta }: AuditLevel): void {
  if (!(samplingRate > 0 && samplingRate <= 1)) {
    throw new RangeError(`samplingRate must be above 0 and at most 1, but is ${samplingRate}.`);
  }
  requireCount('steps', steps, 'It is the number of steps that ε is stated for.');
  if (delta === 0) {
    throw new RangeError('delta must be above 0 for an audit within the Gaussian family, whose ε is ∞ at delta 0.');
  }
}

/**
 * The largest ε(δ) of the family whose trade-off curve the counts of one fixed guessing rule violate. White-box observations of
 * single steps (`observed: 'step'`) prove a noise, which is then composed.
 *
 * Throws a RangeError for counts that are none, a level, rate or number of steps out of range, or δ = 0.
 */
export function auditSampledGaussian(
  counts: GuessCounts,
  family: SampledGaussian,
  level: AuditLevel,
): SampledGaussianAudit {
  checkFamily(family, level);
  const rates = rateBounds(counts, significanceOf(level));
  const isStep = family.observed === 'step';
  const noiseMultiplier = isStep ? noiseOfStep(rates, family.samplingRate) : noiseOfTraining(rates, family);
  const { delta, confidence } = level;
  const epsilon = epsilonOfNoise(noiseMultiplier, family, delta);
  const assumption = sampledGaussianFamily(family);
  return { epsilon, noiseMultiplier, delta, confidence, method: 'sampled-gaussian', assumption };
}

/**
 * The same from scores: half of the trials chooses the threshold (by what one step would show), the other half proves.
 * Throws as {@link auditSampledGaussian} and {@link auditScores} do.
 */
export function auditSampledGaussianScores(
  scores: AuditScores,
  family: SampledGaussian,
  level: AuditLevel,
): SampledGaussianAudit {
  checkScores(scores);
  checkFamily(family, level);
  const rate = family.observed === 'step' ? family.samplingRate : 1;
  const figure = (rates: RateBounds) => 1 / noiseOfStep(rates, rate);
  const counts = chosenCounts(scores, { significance: significanceOf(level), figure, family: 'any' });
  return auditSampledGaussian(counts, family, level);
}
