/** summary.csv: one row for each configuration, attack and metric, over its seeds. */

import { seededRng } from '../../arrays/rng.ts';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import { groupBy } from '../group-by.ts';
import { bootstrapInterval } from '../statistics/bootstrap.ts';
import { intervalOf } from '../statistics/interval.ts';
import { mean } from '../statistics/mean.ts';
import { interquartileMean } from '../statistics/robust.ts';
import { askedColumns } from './csv.ts';
import { configurationIdOf, runIdOf } from './run-id.ts';
import { type Cell, type Row, runRows } from './run-rows.ts';

const configurationColumns = ['name', ...askedColumns, 'metric'] as const;

const intervalColumns = (figure: string) => ['mean', 'sd', 'n', 'ci_low', 'ci_high'].map((part) => `${figure}_${part}`);

export const summaryColumns = [
  ...configurationColumns,
  ...intervalColumns('test_accuracy'),
  ...intervalColumns('leakage'),
  'control_mean',
  'control_ok',
  'epsilon_activation',
  'epsilon_weights',
  'epsilon_label',
  'delta',
  'engine',
  'epsilon_joint',
  'configuration_id',
  'leakage_iqm',
  'leakage_bootstrap_low',
  'leakage_bootstrap_high',
  'seeds_missing',
];

/** @param planned All runs of the experiment, finished or not. */
export function summaryRows(results: readonly RunResult[], planned: readonly RunConfig[]): Row[] {
  const missing = missingSeeds(results, planned);
  const groups = groupBy(runRows(results), (row) =>
    JSON.stringify(['configuration_id', 'attack', 'attack_options', 'view', 'metric'].map((column) => row[column])),
  );
  return [...groups.values()].map((rows) => summarize(rows, missing));
}

/** By configuration: how many of its planned seeds are not finished. */
function missingSeeds(results: readonly RunResult[], planned: readonly RunConfig[]): ReadonlyMap<Cell, number> {
  const finished = new Set(results.map(({ config }) => runIdOf(config)));
  const missing = new Map<Cell, number>();
  for (const config of planned) {
    const id = configurationIdOf(config);
    missing.set(id, (missing.get(id) ?? 0) + (finished.has(runIdOf(config)) ? 0 : 1));
  }
  return missing;
}

function summarize(rows: readonly Row[], missing: ReadonlyMap<Cell, number>): Row {
  const [first = {}] = rows;
  return {
    ...Object.fromEntries(configurationColumns.map((column) => [column, first[column]])),
    ...intervalCells('test_accuracy', rows),
    ...intervalCells('leakage', rows),
    control_mean: meanOf(rows, 'control'),
    control_ok: together(rows.map((row) => row['control_ok'])),
    epsilon_activation: largest(rows, 'epsilon_activation'),
    epsilon_weights: largest(rows, 'epsilon_weights'),
    epsilon_label: largest(rows, 'epsilon_label'),
    delta: first['delta'],
    engine: first['engine'],
    epsilon_joint: largest(rows, 'epsilon_joint'),
    configuration_id: first['configuration_id'],
    ...robustCells(numbersOf(rows, 'leakage')),
    seeds_missing: missing.get(first['configuration_id']),
  };
}

/** Interquartile mean with its percentile bootstrap interval, whose draws are the same for the same values. */
function robustCells(values: readonly number[]): Row {
  if (values.length === 0 || !values.every(Number.isFinite)) return {};
  const interval = bootstrapInterval(values, interquartileMean, { rng: seededRng(1).fork('summary') });
  return {
    leakage_iqm: interquartileMean(values),
    leakage_bootstrap_low: interval?.low,
    leakage_bootstrap_high: interval?.high,
  };
}

function intervalCells(figure: string, rows: readonly Row[]): Row {
  const values = numbersOf(rows, figure);
  const columns = intervalColumns(figure);
  if (values.length === 0) return Object.fromEntries(columns.map((column) => [column, undefined]));
  const { mean, sd, n, low, high } = intervalOf(values);
  return Object.fromEntries([mean, sd, n, low, high].map((value, index) => [columns[index] ?? '', value]));
}

function numbersOf(rows: readonly Row[], column: string): number[] {
  return rows.map((row) => row[column]).filter((value): value is number => typeof value === 'number');
}

function meanOf(rows: readonly Row[], column: string): number | undefined {
  const values = numbersOf(rows, column);
  return values.length > 0 ? mean(values) : undefined;
}

/** Seeds may differ in ε (their shards do): the claim for all of them is the largest. */
function largest(rows: readonly Row[], column: string): number {
  return Math.max(...numbersOf(rows, column));
}

/** The control holds where it holds at every seed; empty where any seed lacks it. */
function together(values: readonly Cell[]): boolean | undefined {
  return values.includes(undefined) ? undefined : values.every((value) => value === true);
}
