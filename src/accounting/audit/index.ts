/** Auditing: lower bounds of ε from what an attacker achieved. They can refute a claim, never prove one. */

export {
  AUDIT_METHODS,
  type AuditLevel,
  type AuditMethod,
  type AuditResult,
  type ClaimCheck,
  checkClaim,
} from './audit-result.ts';
export { bayesianEpsilon, posteriorAbove } from './bayesian.ts';
export { type Proportion, proportionAtLeast, proportionAtMost } from './clopper-pearson.ts';
export { auditCounts, type CountsLevel, type GuessCounts } from './counts.ts';
export { type AuditEstimate, ESTIMATE_METHODS, type EstimateMethod } from './estimate.ts';
export { auditGaussianCounts, GAUSSIAN_FAMILY } from './gaussian-family.ts';
export { type Guesses, type GuessPlan, guessByRank } from './guesses.ts';
export { auditOneRun, oneRunPValue } from './one-run.ts';
export { auditOneRunFDp } from './one-run-f-dp.ts';
export {
  auditOneRunScores,
  type CanaryScores,
  fairCoinPValue,
  guessPlans,
  type OneRunScoresLevel,
} from './one-run-scores.ts';
export { ratioEstimates } from './ratio-intervals.ts';
export {
  auditSampledGaussian,
  auditSampledGaussianScores,
  type SampledGaussian,
  type SampledGaussianAudit,
} from './sampled-gaussian.ts';
export { type AuditScores, auditScores, heldOutCounts, type ScoresLevel } from './scores.ts';
