/** Accuracy against leakage: which configurations another one beats in both. */

import type { MetricName } from '../../contracts/experiment.ts';
import type { Row } from '../results/run-rows.ts';
import { mean } from '../statistics/mean.ts';
import { dominated, hypervolume, type TradeOffPoint } from '../statistics/pareto.ts';
import type { AttackStudy, ConfigurationScores, MetricStudy } from './attack-study.ts';
import { type Estimate, estimateOf } from './estimate.ts';
import { harm, metricFacts } from './metrics.ts';
import type { Configuration, Study } from './study.ts';

export interface TradeOff {
  readonly attack: AttackStudy;
  readonly metric: MetricName;
  readonly points: readonly TradeOffEntry[];
  /** Means over the seeds of each configuration: smallest and largest, and their mean. */
  readonly control: { readonly low: number; readonly high: number; readonly mean: number };
  /** Configurations without a point, and why. */
  readonly leftOut: readonly { readonly configuration: Configuration; readonly reason: string }[];
  readonly hypervolume: number;
  /** Accuracy 0, and the most leakage that the metric allows; where it allows any, the most of all points. */
  readonly reference: TradeOffPoint;
}

export interface TradeOffEntry {
  readonly configuration: Configuration;
  readonly accuracy: Estimate;
  readonly leakage: Estimate;
  readonly isDominated: boolean;
}

/** One for each attack and metric that has a point. */
export function tradeOffsOf({ attacks }: Study): TradeOff[] {
  const all = attacks.flatMap((attack) => attack.metrics.map((metric) => tradeOffOf(attack, metric)));
  return all.filter(({ points }) => points.length > 0);
}

function tradeOffOf(attack: AttackStudy, { metric, scores }: MetricStudy): TradeOff {
  const entries = scores.map(entryOf);
  const points = entries.filter((entry) => 'leakage' in entry);
  const flat = points.map(({ accuracy, leakage }) => flatPoint(metric, accuracy.mean, leakage.mean));
  const areDominated = dominated(flat);
  const reference = referenceOf(metric, points);
  return {
    attack,
    metric,
    points: points.map((point, index) => ({ ...point, isDominated: areDominated[index] as boolean })),
    control: controlOf(scores),
    leftOut: entries.filter((entry) => 'reason' in entry),
    hypervolume: hypervolume(flat, flatPoint(metric, reference.accuracy, reference.leakage)),
    reference,
  };
}

const flatPoint = (metric: MetricName, accuracy: number, leakage: number): TradeOffPoint => ({
  accuracy,
  leakage: harm(metric, leakage),
});

type Entry = Omit<TradeOffEntry, 'isDominated'> | TradeOff['leftOut'][number];

function entryOf({ configuration, leakage: leakages, controlOk }: ConfigurationScores): Entry {
  const [accuracy, leakage] = [estimateOf(configuration.accuracy), estimateOf(leakages)];
  if (!accuracy || !leakage) return { configuration, reason: 'no run is finished' };
  if (controlOk === false) return { configuration, reason: 'control failed' };
  if (!Number.isFinite(leakage.mean)) return { configuration, reason: `leakage is ${leakage.mean}` };
  return { configuration, accuracy, leakage };
}

function referenceOf(metric: MetricName, points: readonly { readonly leakage: Estimate }[]): TradeOffPoint {
  const { bounds } = metricFacts[metric];
  const worst = [...bounds].sort((a, b) => harm(metric, b) - harm(metric, a))[0] as number;
  const seen = points.map(({ leakage }) => leakage.mean).sort((a, b) => harm(metric, b) - harm(metric, a));
  return { accuracy: 0, leakage: Number.isFinite(worst) ? worst : (seen[0] ?? Number.NaN) };
}

function controlOf(scores: readonly ConfigurationScores[]): TradeOff['control'] {
  const estimates = scores.map(({ control }) => estimateOf(control));
  const means = estimates.flatMap((estimate) => (estimate ? [estimate.mean] : []));
  return {
    low: Math.min(...means),
    high: Math.max(...means),
    mean: mean(means),
  };
}

/** The points that none beats, from the least leakage to the most. */
export function frontOf({ metric, points }: TradeOff): TradeOffEntry[] {
  return points
    .filter(({ isDominated }) => !isDominated)
    .sort((a, b) => harm(metric, a.leakage.mean) - harm(metric, b.leakage.mean) || b.accuracy.mean - a.accuracy.mean);
}

export const paretoColumns = [
  'attack',
  'attack_options',
  'view',
  'metric',
  'configuration',
  'test_accuracy_mean',
  'leakage_mean',
  'dominated',
  'hypervolume',
  'reference_accuracy',
  'reference_leakage',
  'configuration_id',
] as const;

/** Of pareto.csv. */
export function paretoRows(tradeOffs: readonly TradeOff[]): Row[] {
  return tradeOffs.flatMap(({ attack, metric, points, hypervolume, reference }) =>
    points.map(({ configuration, accuracy, leakage, isDominated }) => ({
      attack: attack.name,
      attack_options: attack.options,
      view: attack.view,
      metric,
      configuration: configuration.label,
      test_accuracy_mean: accuracy.mean,
      leakage_mean: leakage.mean,
      dominated: isDominated,
      hypervolume,
      reference_accuracy: reference.accuracy,
      reference_leakage: reference.leakage,
      configuration_id: configuration.id,
    })),
  );
}
