/** `cutlayer report`: tables, figures and comparisons for a paper, and a page, from a folder of results. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../arrays/counted.ts';
import { firstOf } from '../arrays/first-of.ts';
import type { MetricName } from '../contracts/experiment.ts';
import type { Study } from '../lab/report/study.ts';
import type { Report } from '../lab/report/write-report.ts';
import type { Results } from '../lab/results/read.ts';
import type { CommandBody } from './commands.ts';
import { wholeNumber } from './global-options.ts';
import { oneOf, requireOnce } from './one-of.ts';
import { print } from './output.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';
import { warn } from './warn.ts';

interface ReportArguments {
  readonly dir: string;
  readonly out: string | undefined;
  readonly metric: unknown;
  readonly watch: boolean;
  readonly port: number | undefined;
  readonly json: boolean;
}

export const reportCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', demandOption: true, describe: 'folder of results, as "run" writes it' })
      .option('out', { type: 'string', requiresArg: true, describe: 'write here (default: DIR/report)' })
      .option('metric', { type: 'string', requiresArg: true, describe: 'only this metric of the leakage' })
      .option('watch', {
        type: 'boolean',
        default: false,
        describe: 'write nothing, but serve the page on this machine, and follow a sweep that runs; Ctrl-C ends it',
      })
      .option('port', {
        requiresArg: true,
        describe: 'with --watch: where (default: any that is free)',
        coerce: portOf,
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' })
      .example('$0 report results/runs/pixeldp-tradeoff', 'into results/runs/pixeldp-tradeoff/report'),
  handler: (given) => report(given as unknown as ReportArguments),
};

async function report(given: ReportArguments): Promise<void> {
  const { dir, out, metric, json } = given;
  requireOnce('--out', out);
  if (given.watch) return watch(given);
  if (given.port !== undefined) throw new UsageError('--port needs --watch: nothing is served without it.');
  const folder = out ?? join(dir, 'report');
  requireNoFile(folder);
  const [{ readResults }, { studyOf }, { writeReport }] = await Promise.all([
    import('../lab/results/read.ts'),
    import('../lab/report/study.ts'),
    import('../lab/report/write-report.ts'),
  ]);
  const results = readResults(dir);
  const study = studyOf(results, metric === undefined ? undefined : metricIn(results, metric));
  requireFinished(study);
  warn(missingMessages(study));
  const written = await writeReport(study, { folder, argv: argvOf(given) });
  print(json, answerOf(study, written), linesOf(study, written));
}

async function watch({ dir, out, metric, port = 0, json }: ReportArguments): Promise<void> {
  if (out !== undefined) throw new UsageError('--watch writes no files: leave out --out, or --watch.');
  const { watchReport } = await import('./report-watch.ts');
  const { metricFacts } = await import('../lab/report/metrics.ts');
  const chosen = metric === undefined ? undefined : oneOf('--metric', metric, Object.keys(metricFacts) as MetricName[]);
  await watchReport({ dir, metric: chosen, port, json, argv: [...argvOf({ dir, out, metric }), '--watch'] });
}

function portOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const port = wholeNumber('--port', value, 0);
  if (port > 65_535) throw new UsageError(`--port must be at most 65535, but is ${port}.`);
  return port;
}

/** What shapes the files, in one order: `--json` does not. */
function argvOf({ dir, out, metric }: Pick<ReportArguments, 'dir' | 'out' | 'metric'>): string[] {
  return [
    'report',
    dir,
    ...(out === undefined ? [] : ['--out', out]),
    ...(metric === undefined ? [] : ['--metric', String(metric)]),
  ];
}

function requireNoFile(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? true) return;
  throw new UsageError(`the report goes to a folder, but "${folder}" is a file. --out DIR chooses another place.`);
}

function metricIn({ folder, records }: Results, metric: unknown): MetricName {
  const present = [...new Set(records.flatMap(({ score }) => (score ? [score.metric] : [])))];
  if (present.length > 0) return oneOf('--metric', metric, present);
  throw new UsageError(`--metric needs an attack, but no finished run in "${folder}" has one.`);
}

function requireFinished({ folder, missing, configurations }: Study): void {
  if (configurations.some(({ accuracy }) => accuracy.size > 0)) return;
  throw new UsageError(
    `"${folder}" has no finished run to report, of ${missing.length}. "cutlayer run" goes on with an experiment.`,
  );
}

function missingMessages({ missing, configurations }: Study): string[] {
  if (missing.length === 0) return [];
  const { planned } = countRuns(configurations);
  const names = missing.map(({ runId, seed, configuration }) => `${runId} (${configuration}, seed ${seed})`);
  const verb = missing.length === 1 ? 'is' : 'are';
  return [
    `${missing.length} of ${counted(planned, 'run')} ${verb} missing: ${listed(names)}. The same "cutlayer run" goes on with them.`,
  ];
}

function countRuns(configurations: Study['configurations']) {
  return {
    finished: configurations.reduce((sum, { accuracy }) => sum + accuracy.size, 0),
    planned: configurations.reduce((sum, { runIds }) => sum + runIds.size, 0),
  };
}

function answerOf({ missing }: Study, { folder, files, tradeOffs, notes }: Report): object {
  return {
    dir: folder,
    files,
    pareto: tradeOffs.map(({ attack, metric, points, hypervolume, reference }) => ({
      attack: attack.name,
      view: attack.view,
      metric,
      front: points.filter(({ isDominated }) => !isDominated).map(({ configuration }) => configuration.label),
      dominated: points.filter(({ isDominated }) => isDominated).map(({ configuration }) => configuration.label),
      hypervolume,
      reference,
    })),
    missing,
    notes,
  };
}

/** Files have all. */
const listed = (names: readonly string[]) => firstOf(names, { most: 6 });

function linesOf({ configurations, attacks }: Study, { folder, files, tradeOffs, notes }: Report): string[] {
  const { finished, planned } = countRuns(configurations);
  const dominated = tradeOffs.map(({ attack, metric, points }) => [
    `${attack.label}, ${metric}`,
    listed(points.flatMap(({ isDominated, configuration }) => (isDominated ? [configuration.label] : []))) || '-',
  ]);
  return [
    `${counted(configurations.length, 'configuration')}, ${finished} of ${counted(planned, 'run')}, ${counted(attacks.length, 'attack')}.`,
    ...(dominated.length > 0 ? ['', ...table([['trade-off', 'dominated in accuracy and leakage'], ...dominated])] : []),
    '',
    ...notes.map((note) => `Not written: ${note}.`),
    `Written to ${folder}:`,
    ...files.map((file) => `  ${file}`),
  ];
}
