/**
 * Reads back a folder that `cutlayer run` wrote. Its tables, config.json and provenance.json say all that reports need; what
 * lies below runs/ is the store's own.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricName, RunConfig } from '../../contracts/experiment.ts';
import { higherIsMoreLeakage } from '../scoring.ts';
import { type CsvRow, parseCsv } from './csv-rows.ts';
import { reviveNumbers } from './files.ts';
import { ResultsError } from './results-error.ts';

export interface PlannedConfig {
  readonly id: string;
  readonly config: RunConfig;
}

/** A row of runs.csv. */
export interface RunRecord {
  readonly runId: string;
  readonly accuracy: number;
  readonly epsilons: Epsilons;
  /** Of what `epsilons.weights` and `epsilons.weightsConditional` are; undefined without a mechanism. */
  readonly weightsUnit: string | undefined;
  /** Absent where the run has no attack. */
  readonly score?: ScoreRecord | undefined;
}

export interface ScoreRecord {
  readonly attack: string;
  /** Canonical JSON. */
  readonly options: string;
  readonly view: string;
  readonly metric: MetricName;
  readonly leakage: number;
  readonly control: number;
  /** Undefined where the sweep has no undefended run of the same seed. */
  readonly controlOk: boolean | undefined;
}

/** At the δ of the ledger; ∞ where nothing is proven. */
export interface Epsilons {
  readonly activation: number;
  readonly weights: number;
  readonly weightsConditional: number;
  readonly label: number;
  readonly joint: number;
}

/** A row of rounds.csv. */
export interface RoundPoint {
  readonly runId: string;
  readonly round: number;
  /** Undefined in a round that saw no example. */
  readonly trainLoss: number | undefined;
  readonly testLoss: number;
  readonly accuracy: number;
  readonly epsilonActivation: number;
  readonly epsilonWeights: number;
}

/** A row of confusion.csv. */
export interface ConfusionCount {
  readonly runId: string;
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
}

/** A row of progress.csv. */
export interface ProgressPoint {
  readonly runId: string;
  /** From 1, in the order of the run's configuration. */
  readonly attackNumber: number;
  readonly observation: number;
  readonly step: number;
  readonly objective: number;
}

/** Of provenance.json. */
export interface Provenance {
  /** The command that made the results. */
  readonly argv: readonly string[];
  readonly cutlayer: string;
  /** Null where the code lay in no git checkout. */
  readonly git: { readonly commit: string; readonly isDirty: boolean } | null;
  /** When the results were written. */
  readonly written: Date;
  /** Everything that the file says. */
  readonly all: Readonly<Record<string, unknown>>;
}

export interface Results {
  readonly folder: string;
  /** Every run of the experiment, finished or not, in the order of the plan. */
  readonly planned: readonly PlannedConfig[];
  /** Of the finished ones. */
  readonly records: readonly RunRecord[];
  readonly rounds: readonly RoundPoint[];
  /** Undefined where the folder has no confusion.csv, as those of older versions. */
  readonly confusions: readonly ConfusionCount[] | undefined;
  /** Undefined where the folder has no progress.csv. */
  readonly progress: readonly ProgressPoint[] | undefined;
  readonly provenance: Provenance;
}

/** @throws ResultsError where the folder is missing, lacks one of the files, or holds what `cutlayer run` does not write. */
export function readResults(folder: string): Results {
  requireResults(folder);
  const planned = plannedIn(join(folder, 'config.json'));
  const records = parseCsv(join(folder, 'runs.csv')).map(recordOf);
  requirePlanned(folder, planned, records);
  const rounds = parseCsv(join(folder, 'rounds.csv')).map(roundOf);
  const confusions = confusionsIn(join(folder, 'confusion.csv'));
  const progress = progressIn(join(folder, 'progress.csv'));
  return {
    folder,
    planned,
    records,
    rounds,
    confusions,
    progress,
    provenance: provenanceIn(join(folder, 'provenance.json')),
  };
}

const files = ['config.json', 'runs.csv', 'rounds.csv', 'provenance.json'] as const;

function requireResults(folder: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ResultsError(`there is no folder "${folder}". "cutlayer run" prints where it wrote its results.`);
  }
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) {
    throw new ResultsError(
      `"${folder}" is no folder of results: it lacks ${missing.join(', ')}, which "cutlayer run" writes to DIR/<name>/.`,
    );
  }
}

function plannedIn(file: string): PlannedConfig[] {
  const { runs } = jsonIn<{ readonly runs?: unknown }>(file);
  if (!Array.isArray(runs) || !runs.every(isRun)) {
    throw new ResultsError(
      `${file} must list the runs of an experiment with their run_id, as "cutlayer run" writes them.`,
    );
  }
  return runs.map(({ run_id, ...config }) => ({ id: run_id, config }));
}

function isRun(run: unknown): run is RunConfig & { readonly run_id: string } {
  const { run_id, seed, defenses, attacks } = (run ?? {}) as { readonly [key: string]: unknown };
  return typeof run_id === 'string' && Number.isInteger(seed) && Array.isArray(defenses) && Array.isArray(attacks);
}

function provenanceIn(file: string): Provenance {
  const all = jsonIn<Readonly<Record<string, unknown>>>(file);
  const { argv, cutlayer, git, written } = all as { readonly [key in keyof Provenance]?: unknown };
  const date = new Date(String(written));
  const isWhole = Array.isArray(argv) && typeof cutlayer === 'string' && typeof git === 'object';
  if (!isWhole || Number.isNaN(date.getTime())) {
    throw new ResultsError(`${file} must say argv, cutlayer, git and written, as "cutlayer run" writes them.`);
  }
  return { argv: argv.map(String), cutlayer, git: git as Provenance['git'], written: date, all };
}

function jsonIn<T extends object>(file: string): T {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'), reviveNumbers);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch (cause) {
    throw new ResultsError(`${file} cannot be read (${cause instanceof Error ? cause.message : cause}).`, { cause });
  }
  throw new ResultsError(`${file} must hold a JSON object.`);
}

function recordOf(row: CsvRow): RunRecord {
  return {
    runId: row.text('run_id'),
    accuracy: row.number('test_accuracy'),
    epsilons: {
      activation: row.number('epsilon_activation'),
      weights: row.number('epsilon_weights'),
      weightsConditional: row.number('epsilon_weights_conditional'),
      label: row.number('epsilon_label'),
      joint: row.number('epsilon_joint'),
    },
    weightsUnit: row.text('weights_unit') || undefined,
    score: row.text('attack') === '' ? undefined : scoreOf(row),
  };
}

function scoreOf(row: CsvRow): ScoreRecord {
  const controlOk = row.text('control_ok');
  return {
    attack: row.text('attack'),
    options: row.text('attack_options'),
    view: row.text('view'),
    metric: metricOf(row),
    leakage: row.number('leakage'),
    control: row.number('control'),
    controlOk: controlOk === '' ? undefined : controlOk === 'true',
  };
}

/** Of a metric that is not known here, nobody could say whether more of it is more leakage. */
function metricOf(row: CsvRow): MetricName {
  const metric = row.text('metric');
  if (metric in higherIsMoreLeakage) return metric as MetricName;
  const known = Object.keys(higherIsMoreLeakage).join(', ');
  throw new ResultsError(`${row.place('metric')} must be one of ${known}, but is "${metric}".`);
}

function roundOf(row: CsvRow): RoundPoint {
  return {
    runId: row.text('run_id'),
    round: row.number('round'),
    trainLoss: row.text('train_loss') === '' ? undefined : row.number('train_loss'),
    testLoss: row.number('test_loss'),
    accuracy: row.number('test_accuracy'),
    epsilonActivation: row.number('epsilon_activation'),
    epsilonWeights: row.number('epsilon_weights'),
  };
}

function confusionsIn(file: string): ConfusionCount[] | undefined {
  if (!existsSync(file)) return undefined;
  return parseCsv(file).map((row) => ({
    runId: row.text('run_id'),
    label: row.number('label'),
    predicted: row.number('predicted'),
    count: row.number('count'),
  }));
}

function progressIn(file: string): ProgressPoint[] | undefined {
  if (!existsSync(file)) return undefined;
  return parseCsv(file).map((row) => ({
    runId: row.text('run_id'),
    attackNumber: row.number('attack_number'),
    observation: row.number('observation'),
    step: row.number('step'),
    objective: row.number('objective'),
  }));
}

function requirePlanned(folder: string, planned: readonly PlannedConfig[], records: readonly RunRecord[]): void {
  const known = new Set(planned.map(({ id }) => id));
  const stray = records.find(({ runId }) => !known.has(runId));
  if (!stray) return;
  throw new ResultsError(
    `${join(folder, 'runs.csv')} holds the run ${stray.runId}, which config.json beside it does not list: ` +
      'they are of different experiments. Run the experiment again; what is finished is kept.',
  );
}
