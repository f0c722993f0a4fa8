/** What all audit commands share: the level at which they speak, and how they put it. */

import type { Argv } from 'yargs';
import type { AuditEstimate, AuditResult, ClaimCheck } from '../accounting/index.ts';

export interface LevelArguments {
  readonly delta: number;
  readonly confidence: number;
  /** What an accountant claims. */
  readonly claimed?: number | undefined;
  readonly json: boolean;
}

export function withLevelOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('delta', { type: 'number', default: 1e-5, describe: 'δ at which ε is stated' })
    .option('confidence', { type: 'number', default: 0.95, describe: '1 − probability of a false claim' })
    .option('claimed', { type: 'number', describe: 'an accountant’s ε at that δ, to be held against the audit' })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });
}

const digits = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '∞');

/** One sentence: the lower bound, how sure, and on what condition. */
export function auditSentence({ epsilon, delta, confidence, method, assumption }: AuditResult): string {
  const what = `ε ≥ ${digits(epsilon)} at δ = ${delta}, with confidence ${confidence} (${method})`;
  return assumption === null ? `${what}.` : `${what}, if ${assumption}.`;
}

/** The intervals that prove nothing, on lines of their own; no line where there are none. */
export function estimateLines(estimates: readonly AuditEstimate[]): string[] {
  if (estimates.length === 0) return [];
  return [
    'For orientation, of this attack’s ε; not proven, and held against no claim:',
    ...estimates.map(estimateLine),
  ];
}

function estimateLine({ method, kind, low, high, confidence }: AuditEstimate): string {
  const what =
    kind === 'credible' ? `${confidence} credible interval, Jeffreys’ prior` : `approximate ${confidence} interval`;
  if (low === null || high === null) return `  not defined, as a count is too small (${method}, ${what})`;
  return `  ${digits(low)} to ${digits(high)} (${method}, ${what})`;
}

/** A lower bound can refute a claim, and never confirms one. */
export function claimSentence({ claimed, audited, ok }: ClaimCheck): string {
  return ok
    ? `The claim ε ≤ ${digits(claimed)} is not contradicted: a stronger attack may still do it.`
    : `The claim ε ≤ ${digits(claimed)} is refuted: at least ${digits(audited)} was shown. Mechanism or accounting has a bug.`;
}

/** Throws, so that the command exits with 1, where the claim cannot be true. The result has said why. */
export function refuteIfContradicted({ claimed, ok }: ClaimCheck): void {
  if (!ok) throw new Error(`the claim ε ≤ ${digits(claimed)} was refuted.`);
}
