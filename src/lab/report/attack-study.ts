/** What one attack got from each configuration, metric by metric. */

import type { MetricName, RunConfig } from '../../contracts/experiment.ts';
import { groupBy } from '../group-by.ts';
import { attackLabel } from '../results/attack-label.ts';
import type { Results, RunRecord, ScoreRecord } from '../results/read.ts';
import { attackCells } from '../results/run-rows.ts';
import type { BySeed } from '../statistics/paired.ts';
import type { Configuration } from './study.ts';

/** An attack with its options and its view. */
export interface AttackStudy {
  readonly name: string;
  readonly view: string;
  /** Canonical JSON. */
  readonly options: string;
  /** For people: its name, and the options in which it differs from others of that name. */
  readonly label: string;
  /** For names of files: unlike every other attack's of the study. */
  readonly slug: string;
  readonly metrics: readonly MetricStudy[];
}

export interface MetricStudy {
  readonly metric: MetricName;
  /** Of the configurations that this attack is part of, in the order of the plan. */
  readonly scores: readonly ConfigurationScores[];
}

export interface ConfigurationScores {
  readonly configuration: Configuration;
  readonly leakage: BySeed;
  /** What guessing scores. */
  readonly control: BySeed;
  /** Whether the attack beat guessing on the undefended model at every seed; undefined where a seed has no such run. */
  readonly controlOk: boolean | undefined;
}

type Key = Pick<AttackStudy, 'name' | 'view' | 'options'>;
type Scored = RunRecord & { readonly score: ScoreRecord };

export function attackStudies(
  configurations: readonly Configuration[],
  results: Results,
  metric?: MetricName,
): AttackStudy[] {
  const scored = results.records.filter(
    (record): record is Scored => record.score !== undefined && (metric ?? record.score.metric) === record.score.metric,
  );
  const attacks = groupBy(scored, ({ score }) => JSON.stringify([score.attack, score.view, score.options]));
  const keys = [...attacks.values()].map(([first]) => keyOf((first as Scored).score));
  const seeds = new Map(results.planned.map(({ id, config }) => [id, config.seed]));
  return [...attacks.values()].map((records, index) => ({
    ...(keys[index] as Key),
    label: attackLabel(keys[index] as Key, keys),
    slug: slugOf(index, keys),
    metrics: metricStudies(
      configurations.filter((configuration) => isPartOf(configuration, keys[index] as Key)),
      records.map((record) => ({ ...record, seed: seeds.get(record.runId) as number })),
    ),
  }));
}

const keyOf = ({ attack, view, options }: ScoreRecord): Key => ({ name: attack, view, options });

function slugOf(index: number, keys: readonly Key[]): string {
  const { name, view } = keys[index] as Key;
  const namesakes = keys.filter((key) => key.name === name);
  if (namesakes.length === 1) return name;
  const alike = namesakes.filter((key) => key.view === view);
  return alike.length === 1 ? `${name}-${view}` : `${name}-${view}-${alike.indexOf(keys[index] as Key) + 1}`;
}

function isPartOf({ config }: Configuration, key: Key): boolean {
  return attackIndex(config, key) >= 0;
}

/** Its place among the attacks of a run; −1 where it is none of them. */
export function attackIndex({ attacks }: RunConfig, { name, view, options }: Key): number {
  return attacks.findIndex((attack) => {
    const cells = attackCells(attack);
    return cells['attack'] === name && cells['view'] === view && cells['attack_options'] === options;
  });
}

function metricStudies(
  configurations: readonly Configuration[],
  records: readonly (Scored & { readonly seed: number })[],
): MetricStudy[] {
  return [...groupBy(records, ({ score }) => score.metric)].map(([metric, own]) => ({
    metric,
    scores: configurations.map((configuration) => {
      const rows = own.filter(({ runId }) => configuration.runIds.has(runId));
      return {
        configuration,
        leakage: new Map(rows.map(({ seed, score }) => [seed, score.leakage])),
        control: new Map(rows.map(({ seed, score }) => [seed, score.control])),
        controlOk: together(rows.map(({ score }) => score.controlOk)),
      };
    }),
  }));
}

/** Holds where it holds at every seed; one failure is enough to say so. */
function together(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.length === 0 || values.includes(undefined) ? undefined : true;
}
