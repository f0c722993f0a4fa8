/** What an audit says. */

import { requireDelta } from '../require.ts';

export const AUDIT_METHODS = [
  'counts',
  'counts-bonferroni',
  'counts-held-out',
  'gaussian-dp',
  'one-run',
  'one-run-bonferroni',
  'one-run-f-dp',
  'one-run-f-dp-bonferroni',
  'sampled-gaussian',
] as const;
export type AuditMethod = (typeof AUDIT_METHODS)[number];

export interface AuditResult {
  /** With probability `confidence` over the audit's randomness the mechanism is not (ε′, δ)-DP for any ε′ below this. */
  readonly epsilon: number;
  readonly delta: number;
  readonly confidence: number;
  readonly method: AuditMethod;
  /** What the bound takes for granted beyond the independence of the trials; `null` for nothing. */
  readonly assumption: string | null;
}

/** At which δ, and how sure, an audit speaks. */
export interface AuditLevel {
  readonly delta: number;
  /** Above 0 and below 1; 0.95 claims falsely at most once in twenty. */
  readonly confidence: number;
}

/** The probability of a false claim. Throws a RangeError for a δ or a confidence out of range. */
export function significanceOf({ delta, confidence }: AuditLevel): number {
  requireDelta(delta);
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`confidence must be above 0 and below 1, but is ${confidence}. 0.95 is usual.`);
  }
  return 1 - confidence;
}

/** An audit held against what an accountant claims at the same δ. */
export interface ClaimCheck {
  readonly claimed: number;
  readonly audited: number;
  readonly confidence: number;
  /** `false`: the claim is wrong (a bug in the mechanism or its accounting), unless the audit's rare false alarm struck. */
  readonly ok: boolean;
}

/** Whether the lower bound leaves room for the claimed upper bound. */
export function checkClaim(claimed: number, { epsilon, confidence }: AuditResult): ClaimCheck {
  return { claimed, audited: epsilon, confidence, ok: epsilon <= claimed };
}
