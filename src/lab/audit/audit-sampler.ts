/** Auditing a mechanism that is given as a sampler: run it many times in two worlds, score, and prove an ε. */

import {
  type AuditLevel,
  type AuditResult,
  type AuditScores,
  auditSampledGaussianScores,
  auditScores,
  type ClaimCheck,
  checkClaim,
  epsilonOf,
  provenEpsilon,
} from '../../accounting/index.ts';
import type { Adjacency, PrivacyEvent } from '../../contracts/event.ts';
import type { Rng } from '../../contracts/rng.ts';

/** A mechanism as its attacker sees it: one score a run, high ones speaking for the first of two neighbouring inputs. */
export interface MechanismSampler {
  /** What is audited, in words. */
  readonly description: string;
  /** What is claimed of telling the two inputs apart. */
  readonly claim: PrivacyEvent;
  /** What makes the two inputs neighbours; add-or-remove where left out. */
  readonly adjacency?: Adjacency;
  /** Whether the claim is one Gaussian release, so that its trade-off curve is Gaussian if the claim is right. */
  readonly isGaussian: boolean;
  /** Where the claim is one Gaussian release on a Poisson sample: its rate. */
  readonly samplingRate?: number;
  /** Scores of `trials` independent runs on the first input (`present`) or on the second. */
  scores(world: keyof AuditScores, trials: number, rng: Rng): Promise<Float64Array>;
}

export interface SamplerAudit {
  readonly description: string;
  /** Runs in each world. */
  readonly trials: number;
  /** The accountant's upper bound at the audit's δ. */
  readonly claimed: number;
  /** Holds for any mechanism. */
  readonly audit: AuditResult;
  readonly check: ClaimCheck;
  /** Under the assumption that the mechanism is Gaussian, on a sample where it claims so; `null` where it claims neither. */
  readonly gaussian: { readonly audit: AuditResult; readonly check: ClaimCheck } | null;
}

export interface SamplerAuditOptions extends AuditLevel {
  /** Runs in each world. */
  readonly trials: number;
  readonly rng: Rng;
}

/**
 * ε̲ ≤ true ε ≤ ε claimed: where the lower bound exceeds the claim, mechanism or accounting has a bug, with the given
 * confidence. A lower bound far below the claim proves nothing: few trials cannot show much (ln(trials/4), about).
 */
export async function auditSampler(sampler: MechanismSampler, options: SamplerAuditOptions): Promise<SamplerAudit> {
  const { trials, rng, ...level } = options;
  const claimed = provenEpsilon(
    epsilonOf(sampler.claim, level.delta, { adjacency: sampler.adjacency ?? 'add-or-remove' }),
  );
  const scores = {
    present: await sampler.scores('present', trials, rng.fork('present')),
    absent: await sampler.scores('absent', trials, rng.fork('absent')),
  };
  const audit = auditScores(scores, level);
  return {
    description: sampler.description,
    trials,
    claimed,
    audit,
    check: checkClaim(claimed, audit),
    gaussian: level.delta > 0 ? gaussianAudit(sampler, scores, { level, claimed }) : null,
  };
}

function gaussianAudit(
  { isGaussian, samplingRate }: MechanismSampler,
  scores: AuditScores,
  { level, claimed }: { readonly level: AuditLevel; readonly claimed: number },
): SamplerAudit['gaussian'] {
  if (!isGaussian && samplingRate === undefined) return null;
  const audit = isGaussian
    ? auditScores(scores, { ...level, family: 'gaussian' })
    : auditSampledGaussianScores(scores, { samplingRate: samplingRate ?? 1, steps: 1, observed: 'step' }, level);
  return { audit, check: checkClaim(claimed, audit) };
}
