/** Claims about defenses, checked by paired runs: the same seed means the same data, initial weights and victims. */

import type { MetricName, MetricScore } from '../contracts/experiment.ts';
import { higherIsMoreLeakage } from '../lab/scoring.ts';
import { mean } from '../lab/statistics/mean.ts';
import { judge } from './judge.ts';
import { type Measured, type MeasureOptions, measure, seedsOf } from './measure.ts';
import { type ChosenAttack, type ChosenDefense, nameOf } from './plug-ins.ts';
import { type Finding, held, short, type Verdict, verdictOf } from './verdict.ts';

export interface LeakageClaim extends MeasureOptions {
  readonly against: ChosenAttack;
  readonly metric: MetricName;
  /** In units of the metric; default 0: less, however little. */
  readonly byAtLeast?: number;
  /** Test accuracy that the defense may cost: 0.02 are two points. Left out: nothing is claimed of it. */
  readonly accuracyLossAtMost?: number;
}

export interface AccuracyClaim extends MeasureOptions {
  readonly lossAtMost: number;
}

export interface DefenseExpectation {
  /**
   * By the mean over seeds. Rejects with ClaimRefuted, ClaimInconclusive (too few seeds, or an attack that does not beat guessing
   * with either defense), or the ConfigError of a setting that makes no sense.
   */
  toLeakLessThan(other: ChosenDefense, claim: LeakageClaim): Promise<Verdict>;
  /** The same, of test accuracy alone. */
  toKeepAccuracyOf(other: ChosenDefense, claim: AccuracyClaim): Promise<Verdict>;
}

export function expectDefense(own: ChosenDefense): DefenseExpectation {
  return {
    async toLeakLessThan(other, claim) {
      if (!claim.against) throw new RangeError('against is missing: name an attack, as in against: inverseNetwork().');
      const pairs = await measurePairs(own, other, claim);
      const { accuracyLossAtMost: loss, metric, against } = claim;
      const findings = [leakageFinding(pairs, claim), ...(loss === undefined ? [] : [accuracyFinding(pairs, loss)])];
      const cost = loss === undefined ? '' : `, for at most ${short(loss)} of accuracy`;
      const text = `${pairs.own} leaks less than ${pairs.other} to ${nameOf(against)} by ${metric}${cost}`;
      return held(verdictOf(text, findings, seedsOf(claim)));
    },
    async toKeepAccuracyOf(other, claim) {
      const pairs = await measurePairs(own, other, claim);
      const text = `${pairs.own} costs at most ${short(claim.lossAtMost)} of the accuracy of ${pairs.other}`;
      return held(verdictOf(text, [accuracyFinding(pairs, claim.lossAtMost)], seedsOf(claim)));
    },
  };
}

/** Both defenses at each seed. */
interface Pairs {
  readonly own: string;
  readonly other: string;
  readonly measured: readonly { readonly own: Measured; readonly other: Measured }[];
}

async function measurePairs(own: ChosenDefense, other: ChosenDefense, options: MeasureOptions): Promise<Pairs> {
  const others = await measure(other, options);
  const owns = await measure(own, options);
  const measured = owns.flatMap((one, index) => {
    const partner = others[index];
    return partner ? [{ own: one, other: partner }] : [];
  });
  return { own: nameOf(own), other: nameOf(other), measured };
}

function leakageFinding({ own, other, measured }: Pairs, { metric, byAtLeast = 0 }: LeakageClaim): Finding {
  const sign = higherIsMoreLeakage[metric] ? 1 : -1;
  const scores = measured.map((pair) => ({ own: scoreOf(pair.own, metric), other: scoreOf(pair.other, metric) }));
  const gains = scores.map((pair) => sign * (pair.other.leakage - pair.own.leakage));
  const judgement = judge(gains, { bound: byAtLeast });
  const beatsGuessing = ({ leakage, control }: MetricScore) => sign * (leakage - control) > 0;
  const works = scores.every((pair) => beatsGuessing(pair.other) || beatsGuessing(pair.own));
  return {
    ...judgement,
    // An attack that fails anyway says nothing of a defense.
    ...(!works && { outcome: 'inconclusive' as const, obstacle: guessing(scores) }),
    figure: metric,
    measured: `${metric}: ${shortMean(scores.map((pair) => pair.own.leakage))} with ${own}, ${shortMean(scores.map((pair) => pair.other.leakage))} with ${other}`,
    difference: sign > 0 ? `${other} − ${own}` : `${own} − ${other}`,
    claimed: `above ${short(byAtLeast)}`,
  };
}

function guessing(scores: readonly { readonly other: MetricScore }[]): string {
  const control = shortMean(scores.map((pair) => pair.other.control));
  return `; the attack beats guessing (${control}) with neither at every seed, so it shows nothing.`;
}

function accuracyFinding({ own, other, measured }: Pairs, lossAtMost: number): Finding {
  const gains = measured.map((pair) => pair.own.accuracy - pair.other.accuracy);
  return {
    ...judge(gains, { bound: -lossAtMost, orEqual: true }),
    figure: 'accuracy',
    measured: `accuracy: ${shortMean(measured.map((pair) => pair.own.accuracy))} with ${own}, ${shortMean(measured.map((pair) => pair.other.accuracy))} with ${other}`,
    difference: `${own} − ${other}`,
    claimed: `at least ${short(-lossAtMost)}`,
  };
}

function scoreOf({ scores }: Measured, metric: MetricName): MetricScore {
  const score = scores.find((candidate) => candidate.metric === metric);
  if (score) return score;
  throw new RangeError(
    `metric must be one of ${scores.map((own) => own.metric).join(', ')} with this attack, but is "${metric}".`,
  );
}

const shortMean = (values: readonly number[]): string => short(mean(values));
