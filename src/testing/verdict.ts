/** What came of a claim, and how it is told. */

import type { MetricName } from '../contracts/experiment.ts';
import type { Judgement, Outcome } from './judge.ts';

/** One figure of a claim. */
export interface Finding extends Judgement {
  readonly figure: MetricName | 'accuracy';
  /** In words: `ssim: 0.41 with pixeldp, 0.52 with none`. */
  readonly measured: string;
  /** What the difference is of, and what it was claimed to be: `none − pixeldp`, `above 0`. */
  readonly difference: string;
  readonly claimed: string;
  /** Why nothing can be said, whatever the seeds are. */
  readonly obstacle?: string | undefined;
}

export interface Verdict {
  /** `holds` where everything that is claimed does; `refuted` where anything is. */
  readonly outcome: Outcome;
  readonly claim: string;
  readonly findings: readonly Finding[];
  readonly seeds: readonly number[];
}

/** The claim is wrong. */
export class ClaimRefuted extends Error {
  override readonly name = 'ClaimRefuted';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(`Refuted: ${describe(verdict)}`);
    this.verdict = verdict;
  }
}

/** Nobody can say yet: there are too few seeds, or the attack does not work even without the defense. */
export class ClaimInconclusive extends Error {
  override readonly name = 'ClaimInconclusive';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(`Inconclusive: ${describe(verdict)}`);
    this.verdict = verdict;
  }
}

/** @throws ClaimRefuted or ClaimInconclusive; the verdict where it holds. */
export function held(verdict: Verdict): Verdict {
  if (verdict.outcome === 'refuted') throw new ClaimRefuted(verdict);
  if (verdict.outcome === 'inconclusive') throw new ClaimInconclusive(verdict);
  return verdict;
}

export function verdictOf(claim: string, findings: readonly Finding[], seeds: readonly number[]): Verdict {
  const has = (outcome: Outcome) => findings.some((finding) => finding.outcome === outcome);
  const outcome = has('refuted') ? 'refuted' : has('inconclusive') ? 'inconclusive' : 'holds';
  return { outcome, claim, findings, seeds };
}

function describe({ claim, findings, seeds }: Verdict): string {
  const list = seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`;
  return [`${claim} (${list}).`, ...findings.map((finding) => `  ${describeFinding(finding)}`)].join('\n');
}

function describeFinding(finding: Finding): string {
  const { measured, difference, claimed, outcome, test, obstacle } = finding;
  const interval = test
    ? ` ${short(test.difference)}, 95 % interval [${short(test.low)}, ${short(test.high)}]`
    : ' no interval';
  const method = test ? ` (paired t test, p = ${short(test.p)})` : '';
  return `${measured}; ${difference}${interval}${method}: ${conclusions[outcome]} ${claimed}${obstacle ?? advice(finding)}`;
}

const conclusions: Readonly<Record<Outcome, string>> = {
  holds: 'shown to be',
  refuted: 'not',
  inconclusive: 'not shown to be',
};

function advice({ outcome, test, seedsNeeded }: Finding): string {
  if (outcome !== 'inconclusive') return '.';
  if (!test) {
    if (seedsNeeded !== undefined) return `; that takes at least ${seedsNeeded} seeds.`;
    return '; it is the same at every seed, or infinite, so that no t test can judge it.';
  }
  const enough = seedsNeeded === undefined ? 'more than 1000 seeds' : `about ${seedsNeeded} seeds`;
  return `, nor the contrary; ${enough} would decide it, were mean and spread as they look now.`;
}

export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
