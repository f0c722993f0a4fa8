/** What `cutlayer run` prints: the plan, and when all is done the trade-off between accuracy and leakage. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { counted } from '../arrays/counted.ts';
import type { MetricName, RunResult } from '../contracts/experiment.ts';
import type { Experiment } from '../lab/config/experiment.ts';
import { attackLabel } from '../lab/results/attack-label.ts';
import { configurationLabel } from '../lab/results/configuration-label.ts';
import { configurationIdOf, runIdOf } from '../lab/results/run-id.ts';
import { defenseName, type Row, runRows } from '../lab/results/run-rows.ts';
import { readStoredRun, runFile } from '../lab/results/store.ts';
import { mean } from '../lab/statistics/mean.ts';
import type { SweepResult } from '../lab/sweep.ts';
import { type TerminalOptions, terminalBand } from '../lab/terminal-pictures.ts';
import { dependenceLines, dependenceMetric } from './dependence-report.ts';
import { table } from './table.ts';

/** For `--json`: what is finished, as in runs.csv with empty cells as null, and what failed. */
export function resultDocument({ runs }: Experiment, { folder, results, failed }: SweepResult): object {
  const failures = [...failed].flatMap(([index, { message }]) => {
    const config = runs[index];
    return config ? [{ run_id: runIdOf(config), message, log: runFile(folder, config, 'log.txt') }] : [];
  });
  return { dir: folder, runs: rowsOf(results), failed: failures };
}

function rowsOf(results: readonly RunResult[]): object[] {
  return runRows(results).map((row) =>
    Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, cell ?? null])),
  );
}

export function resultLines(experiment: Experiment, result: SweepResult, terminal: TerminalOptions): string[] {
  const groups = configurationsOf(experiment, result.results);
  if (groups.length === 0) return [`${experiment.name}: no run was finished.`];
  const rows = runRows(result.results);
  const keys = attackKeys(rows);
  const attacks = keys.map((key) => ({ ...key, label: attackLabel(key, keys) }));
  return [
    ...privacyLines(groups),
    ...attacks.flatMap((attack) => ['', ...attackLines(groups, attack)]),
    ...dependenceLines(groups),
    ...pictureLines(groups, attacks, { terminal, folder: result.folder }),
    '',
    ...readingLines(groups),
    '',
    `Written to ${result.folder}: ${writtenFiles(result).join(', ')}.`,
  ];
}

/** Only attacks that make images leave pictures. */
function writtenFiles({ folder }: SweepResult): string[] {
  const tables = ['runs.csv', 'rounds.csv', 'summary.csv', 'confusion.csv', 'progress.csv', 'timings.csv'];
  return [
    ...tables,
    'config.json',
    'provenance.json',
    ...(existsSync(join(folder, 'pictures')) ? ['pictures/'] : []),
    'runs/',
  ];
}

/** All seeds of one configuration. */
interface Configuration {
  readonly label: string;
  readonly results: readonly RunResult[];
  readonly rows: readonly Row[];
}

function configurationsOf({ runs }: Experiment, results: readonly RunResult[]): Configuration[] {
  const ids = [...new Set(results.map(({ config }) => configurationIdOf(config)))];
  const rows = runRows(results);
  return ids.map((id) => {
    const own = results.filter(({ config }) => configurationIdOf(config) === id);
    const planned = runs.filter((config) => configurationIdOf(config) === id).length;
    const missing = own.length < planned ? ` (${own.length}/${planned} seeds)` : '';
    const label = `${configurationLabel((own[0] as RunResult).config, runs)}${missing}`;
    return { label, results: own, rows: rows.filter((row) => row['configuration_id'] === id) };
  });
}

function privacyLines(groups: readonly Configuration[]): string[] {
  const [first] = groups[0]?.results ?? [];
  if (!first) return [];
  const { delta, distance } = first.config.ledger;
  const header = ['', 'accuracy', 'ε activation', 'one release', 'ε weights', 'conditional', 'ε labels'];
  const lines = groups.map(({ label, results }) => [
    label,
    percent(mean(results.map(({ testAccuracy }) => testAccuracy))),
    ...(
      [
        'epsilonActivation',
        'epsilonActivationRelease',
        'epsilonWeights',
        'epsilonWeightsConditional',
        'epsilonLabel',
      ] as const
    ).map((channel) => epsilonCell(results, channel)),
  ]);
  return [
    `Accuracy on the test set, and ε of each channel at δ = ${delta}${seedsNote(groups)}`,
    `(activation: of two inputs at distance ${distance}; weights: of one example where no other unit is named;`,
    ' conditional: if the server part did not depend on it)',
    ...table([header, ...lines], [1, 2, 3, 4, 5, 6]),
  ];
}

type EpsilonChannel = 'epsilonActivation' | 'epsilonActivationRelease' | WeightsChannel | 'epsilonLabel';
type WeightsChannel = 'epsilonWeights' | 'epsilonWeightsConditional';

/** The largest over seeds; of the weights channel with its unit where that is no example. */
function epsilonCell(results: readonly RunResult[], channel: EpsilonChannel): string {
  const figure = epsilon(Math.max(...results.map((result) => result[channel])));
  const unit = results[0]?.weightsUnit ?? 'example';
  const isOfUnit = channel === 'epsilonWeights' || channel === 'epsilonWeightsConditional';
  return isOfUnit && unit !== 'example' ? `${figure} (${unit})` : figure;
}

function seedsNote(groups: readonly Configuration[]): string {
  const counts = groups.map(({ results }) => results.length);
  const most = Math.max(...counts);
  return most > 1 ? ` (means over ${Math.min(...counts) === most ? most : `up to ${most}`} seeds)` : '';
}

interface AttackKey {
  readonly name: string;
  /** Canonical JSON. */
  readonly options: string;
  readonly view: string;
}

interface LabelledAttack extends AttackKey {
  readonly label: string;
}

function attackKeys(rows: readonly Row[]): AttackKey[] {
  const keys = rows.flatMap(({ attack, attack_options, view }) =>
    attack === undefined ? [] : [{ name: String(attack), options: String(attack_options), view: String(view) }],
  );
  return [...new Map(keys.map((key) => [keyTextOf(key), key])).values()];
}

const keyTextOf = ({ name, options, view }: AttackKey) => JSON.stringify([name, options, view]);

const isOf =
  ({ name, options, view }: AttackKey) =>
  (row: Row) =>
    row['attack'] === name && row['attack_options'] === options && row['view'] === view;

const units: Readonly<Partial<Record<string, string>>> = { psnr: 'psnr dB' };

/** Figures of the attack with what guessing scores in brackets. */
function attackLines(groups: readonly Configuration[], attack: LabelledAttack): string[] {
  const known = groups.flatMap(({ rows }) => rows.filter(isOf(attack)).map(({ metric }) => String(metric)));
  const metrics = [...new Set(known)].filter((metric) => metric !== dependenceMetric);
  const lines = groups.flatMap(({ label, results, rows }) => {
    const own = rows.filter(isOf(attack));
    if (own.length === 0) return [];
    const accuracy = percent(mean(results.map(({ testAccuracy }) => testAccuracy)));
    return [[label, accuracy, ...metrics.map((metric) => leakageCell(own.filter((row) => row['metric'] === metric)))]];
  });
  const header = ['', 'accuracy', ...metrics.map((metric) => units[metric] ?? metric)];
  const alone = groups.filter(({ rows }) => rows.filter(isOf(attack)).some((row) => row['control_ok'] === undefined));
  return [
    `Leakage against ${attack.label} (view ${attack.view}), with what guessing scores in brackets`,
    ...table([header, ...lines], [1, ...metrics.map((_, index) => index + 2)]),
    ...(alone.length > 0 ? [withoutControl(alone)] : []),
  ];
}

function withoutControl(alone: readonly Configuration[]): string {
  const which = alone.length > 3 ? counted(alone.length, 'configuration') : alone.map(({ label }) => label).join('; ');
  return `(no undefended run beside ${which}: nothing shows whether the attack works there)`;
}

/** An attack that fails on the undefended victim says nothing about a defense. */
function leakageCell(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  if (rows.some((row) => row['control_ok'] === false)) return 'control failed';
  const metric = rows[0]?.['metric'] as MetricName;
  const average = (column: string) => mean(rows.map((row) => Number(row[column])));
  return `${figure(metric, average('leakage'))} (${figure(metric, average('control'))})`;
}

function figure(metric: MetricName, value: number): string {
  return value.toFixed(metric === 'psnr' ? 1 : metric === 'mse' ? 4 : 2);
}

interface Shown {
  readonly terminal: TerminalOptions;
  /** Of the results. */
  readonly folder: string;
}

/** The first seed's pictures: originals once, then what the attack made of them under each configuration. */
function pictureLines(groups: readonly Configuration[], attacks: readonly LabelledAttack[], shown: Shown): string[] {
  const drawn = groups.map(({ label, results, rows }) => ({ label, bands: bandsOf(results, rows, shown) }));
  return attacks.flatMap((attack) => {
    const own = drawn.flatMap(({ label, bands }) => {
      const pair = bands.get(keyTextOf(attack));
      return pair ? [{ label, ...pair }] : [];
    });
    const [first] = own;
    if (!first) return [];
    return [
      '',
      `${attack.label}: originals`,
      first.originals,
      ...own.flatMap(({ label, reconstructions }) => [label, reconstructions]),
    ];
  });
}

interface Bands {
  readonly originals: string;
  readonly reconstructions: string;
}

/** By attack. They are drawn as the run is read: pictures of hundreds of runs are too many to keep. */
function bandsOf(
  [first]: readonly RunResult[],
  rows: readonly Row[],
  { terminal, folder }: Shown,
): ReadonlyMap<string, Bands> {
  const bands = new Map<string, Bands>();
  const keys = attackKeys(rows);
  if (!first || keys.length === 0) return bands;
  const { result } = readStoredRun(dirname(runFile(folder, first.config, 'result.json')));
  for (const [index, key] of keys.entries()) {
    const gallery = result.attacks[index]?.gallery;
    if (!gallery || gallery.originals.length === 0) continue;
    const bandOf = (images: typeof gallery.originals) => terminalBand(images, gallery.shape, terminal);
    bands.set(keyTextOf(key), {
      originals: bandOf(gallery.originals),
      reconstructions: bandOf(gallery.reconstructions),
    });
  }
  return bands;
}

/** What each kind of defense claims and does not, from its first configuration. */
function readingLines(groups: readonly Configuration[]): string[] {
  const kinds = new Map<string, Configuration>();
  for (const group of groups) {
    const name = defenseName((group.results[0] as RunResult).config.defenses);
    if (!kinds.has(name)) kinds.set(name, group);
  }
  return [
    `What is claimed, and what is not${kinds.size < groups.length ? ' (the first configuration of each kind of defense; each run’s own: runs/<id>/result.json, readings)' : ''}`,
    ...[...kinds.values()].flatMap(({ label, results }) => [
      `${label}:`,
      ...(results[0]?.readings ?? []).map((sentence) => `  - ${sentence}`),
    ]),
  ];
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function epsilon(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '∞';
}
