/** What a folder of results says, put together by configuration and attack over seeds: what tables and figures are made of. */

import type { MetricName, RunConfig } from '../../contracts/experiment.ts';
import { groupBy } from '../group-by.ts';
import { configurationLabel } from '../results/configuration-label.ts';
import type {
  ConfusionCount,
  Epsilons,
  PlannedConfig,
  ProgressPoint,
  Provenance,
  Results,
  RoundPoint,
  RunRecord,
} from '../results/read.ts';
import { configurationIdOf } from '../results/run-id.ts';
import type { BySeed } from '../statistics/paired.ts';
import { type AttackStudy, attackStudies } from './attack-study.ts';

export interface Study {
  readonly folder: string;
  readonly provenance: Provenance;
  /** In the order of the plan; those without a finished run as well. */
  readonly configurations: readonly Configuration[];
  readonly attacks: readonly AttackStudy[];
  /** Undefined where it was not recorded. */
  readonly progress: readonly ProgressPoint[] | undefined;
  /** The rows of runs.csv that are studied. */
  readonly records: readonly RunRecord[];
  /** Runs of the plan that are not finished. */
  readonly missing: readonly MissingRun[];
}

/** All seeds of one configuration. */
export interface Configuration {
  readonly id: string;
  /** Unlike every other of the study. */
  readonly label: string;
  /** But for the seed. */
  readonly config: RunConfig;
  /** Runs of the plan, with their seeds. */
  readonly runIds: ReadonlyMap<string, number>;
  /** Test accuracy of the finished seeds, in [0, 1]. */
  readonly accuracy: BySeed;
  /** The largest over seeds; undefined where none is finished. */
  readonly epsilons: Epsilons | undefined;
  readonly weightsUnit: string | undefined;
  readonly rounds: readonly RoundPoint[];
  /** Of all finished seeds; undefined where they were not recorded. */
  readonly confusions: readonly ConfusionCount[] | undefined;
}

export interface MissingRun {
  readonly runId: string;
  readonly seed: number;
  readonly configuration: string;
}

/** @param metric The one to study; all where left out. */
export function studyOf(results: Results, metric?: MetricName): Study {
  const groups = groupBy(results.planned, ({ config }) => configurationIdOf(config));
  const labels = labelsOf(results.planned, [...groups]);
  const configurations = [...groups].map(([id, runs]) =>
    configurationOf(id, { runs, results, label: labels.get(id) ?? id }),
  );
  const finished = new Set(results.records.map(({ runId }) => runId));
  return {
    folder: results.folder,
    provenance: results.provenance,
    configurations,
    attacks: attackStudies(configurations, results, metric),
    progress: results.progress,
    records: results.records.filter(({ score }) => (metric ?? score?.metric) === score?.metric),
    missing: results.planned
      .filter(({ id }) => !finished.has(id))
      .map(({ id, config }) => ({
        runId: id,
        seed: config.seed,
        configuration: labels.get(configurationIdOf(config)) ?? '',
      })),
  };
}

type Group = readonly [id: string, runs: readonly PlannedConfig[]];

/** Labels leave attacks out; where that makes two the same, the id of the configuration tells them apart. */
function labelsOf(planned: readonly PlannedConfig[], groups: readonly Group[]): Map<string, string> {
  const all = planned.map(({ config }) => config);
  const plain = groups.map(([id, runs]) => [id, configurationLabel((runs[0] as PlannedConfig).config, all)] as const);
  const same = groupBy(plain, ([, label]) => label);
  return new Map(plain.map(([id, label]) => [id, (same.get(label)?.length ?? 0) > 1 ? `${label} (${id})` : label]));
}

interface GroupInputs {
  readonly runs: readonly PlannedConfig[];
  readonly results: Results;
  readonly label: string;
}

function configurationOf(id: string, { runs, results, label }: GroupInputs): Configuration {
  const seeds = new Map(runs.map((run) => [run.id, run.config.seed]));
  const records = results.records.filter(({ runId }) => seeds.has(runId));
  return {
    id,
    label,
    config: (runs[0] as PlannedConfig).config,
    runIds: seeds,
    accuracy: new Map(records.map(({ runId, accuracy }) => [seeds.get(runId) as number, accuracy])),
    epsilons: largestOf(records),
    weightsUnit: records[0]?.weightsUnit,
    rounds: results.rounds.filter(({ runId }) => seeds.has(runId)),
    confusions: results.confusions?.filter(({ runId }) => seeds.has(runId)),
  };
}

/** Seeds may differ in ε (their shards do): the claim for all of them is the largest. */
function largestOf(records: readonly RunRecord[]): Epsilons | undefined {
  if (records.length === 0) return undefined;
  const largest = (channel: keyof Epsilons) => Math.max(...records.map(({ epsilons }) => epsilons[channel]));
  return {
    activation: largest('activation'),
    weights: largest('weights'),
    weightsConditional: largest('weightsConditional'),
    label: largest('label'),
    joint: largest('joint'),
  };
}
