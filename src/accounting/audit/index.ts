/** Auditing: lower bounds of ε from what an attacker achieved. They can refute a claim, never prove one. */

export {
  AUDIT_METHODS,
  type AuditLevel,
  type AuditMethod,
  type AuditResult,
  type ClaimCheck,
  checkClaim,
} from './audit-result.ts';
export { type Proportion, proportionAtLeast, proportionAtMost } from './clopper-pearson.ts';
export { auditCounts, type CountsLevel, type GuessCounts } from './counts.ts';
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
export { type AuditScores, auditScores, type ScoresLevel } from './scores.ts';
