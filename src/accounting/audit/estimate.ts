/** Intervals of an attack's ε that are no proofs: shown beside a bound, never held against a claim. */

export const ESTIMATE_METHODS = ['bayesian', 'katz-log', 'walters', 'bailey', 'inverse-sinh'] as const;
export type EstimateMethod = (typeof ESTIMATE_METHODS)[number];

/**
 * An interval of the ε that this attack's rates show: the mechanism's own may be far above `high`, and nothing says that it
 * holds as often as `confidence` but the model behind it. No `AuditResult`, so that no claim can be held against it.
 */
export interface AuditEstimate {
  readonly method: EstimateMethod;
  /** `credible`: the posterior's mass, for the stated prior. `approximate`: holds as counts go to infinity. */
  readonly kind: 'credible' | 'approximate';
  /** `null`, both of them, where the method is not defined for these counts. */
  readonly low: number | null;
  readonly high: number | null;
  readonly delta: number;
  readonly confidence: number;
}
