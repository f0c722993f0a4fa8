/** `cutlayer run`: an experiment, from its file to CSV, pictures and a table. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { Experiment } from '../lab/config/experiment.ts';
import type { SweepOptions, SweepResult } from '../lab/sweep.ts';
import { type GlobalOptions, wholeNumber } from './global-options.ts';
import { Interrupted } from './interrupted.ts';
import { print } from './output.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';
import { warn } from './warn.ts';

interface RunArguments extends GlobalOptions {
  readonly file: string | undefined;
  readonly set: readonly string[];
  readonly seeds: readonly number[] | undefined;
  readonly jobs: number | undefined;
  readonly out: string;
  readonly dryRun: boolean;
  readonly fresh: boolean;
  readonly noise: 'seeded' | 'secure';
  readonly json: boolean;
}

export const runCommand: CommandModule = {
  command: 'run [file]',
  describe: 'an experiment: train, attack, score; CSV, pictures and a table',
  builder: (yargs: Argv) =>
    yargs
      .positional('file', { type: 'string', describe: 'experiment file, as in experiments/' })
      .option('set', { type: 'string', array: true, default: [], describe: 'PATH=VALUE: replaces a value of the file' })
      .option('seeds', {
        type: 'string',
        requiresArg: true,
        describe: '1,2,3: in place of the file’s',
        coerce: seedsOf,
      })
      .option('jobs', {
        requiresArg: true,
        describe: 'runs at a time; default: one for each processor',
        coerce: (value: unknown) => (value === undefined ? undefined : wholeNumber('--jobs', value)),
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        default: join('results', 'runs'),
        describe: 'results go to DIR/<name>/',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'check and list the runs, run and write nothing',
      })
      .option('fresh', { type: 'boolean', default: false, describe: 'run again what is finished already' })
      .option('noise', {
        choices: ['seeded', 'secure'] as const,
        default: 'seeded' as const,
        requiresArg: true,
        describe: 'where privacy noise comes from: the seed, or the operating system',
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
  handler: (args) => run(args as unknown as RunArguments),
};

function seedsOf(value: unknown): number[] | undefined {
  if (value === undefined) return undefined;
  const texts = String(value).split(',');
  if (texts.every((text) => /^-?\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text))))
    return texts.map(Number);
  throw new UsageError(`--seeds must be whole numbers with commas between, as in 1,2,3, but is "${String(value)}".`);
}

async function run(args: RunArguments): Promise<void> {
  const { file, sets } = fileAndSets(args);
  requireFolder(args.out);
  const [{ loadExperiment }, { catalogues }] = await Promise.all([
    import('../lab/config/experiment.ts'),
    import('./catalogues.ts'),
  ]);
  const experiment = await loadExperiment(file, {
    catalogues,
    sets,
    seeds: args.seeds,
    dataDir: args.dataDir,
    noise: args.noise,
  });
  warn(experiment.warnings);
  const options = await sweepOptions(args, experiment);
  if (args.dryRun) return showPlan(experiment, options, args.json);
  const result = await untilInterrupted((signal) => sweep(experiment, { ...options, signal }));
  await report(experiment, result, args);
  if (result.failures > 0) {
    throw new Error(`${result.failures} of ${experiment.runs.length} runs failed; the others are kept.`);
  }
}

/** `--set a=1 b=2 FILE` is read as three values: the one without "=" is the file. */
function fileAndSets({ file, set }: RunArguments): { readonly file: string; readonly sets: readonly string[] } {
  const strays = set.filter((text) => !text.includes('='));
  const [chosen = strays[0]] = [file];
  if (chosen === undefined)
    throw new UsageError('run needs an experiment file, such as experiments/pixeldp-tradeoff.yaml.');
  const sets = file === undefined ? set.filter((text) => text !== chosen) : set;
  return { file: chosen, sets };
}

function requireFolder(out: string): void {
  if (!existsSync(out) || statSync(out).isDirectory()) return;
  throw new UsageError(`--out must be a folder, but "${out}" is a file.`);
}

async function sweepOptions(args: RunArguments, experiment: Experiment): Promise<SweepOptions> {
  const [{ catalogues }, { progressOn }] = await Promise.all([import('./catalogues.ts'), import('./progress.ts')]);
  const { out, engine, threads, jobs, noise, dataDir, fresh, quiet, verbose } = args;
  const worker = new URL(import.meta.url.endsWith('.ts') ? './run-worker.ts' : './run-worker.js', import.meta.url);
  const observer = progressOn(process.stderr, experiment, { isQuiet: quiet, isVerbose: verbose });
  const [, ...argv] = process.argv;
  return {
    catalogues,
    worker,
    out,
    engine,
    threads,
    jobs,
    noise,
    dataDir,
    isFresh: fresh,
    signal: new AbortController().signal,
    version: version(),
    argv: argv.slice(1),
    observer,
  };
}

/** An engine that does not load is a wrong request: nothing has run yet. */
async function sweep(experiment: Experiment, options: SweepOptions): Promise<SweepResult> {
  const [{ runSweep }, { useEngine }] = await Promise.all([import('../lab/sweep.ts'), import('../compile/engine.ts')]);
  try {
    await useEngine(options.engine, { threads: options.threads });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  return runSweep(experiment, options);
}

/** Ctrl-C ends the runs that are going on; what is finished is kept. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<SweepResult>): Promise<SweepResult> {
  const controller = new AbortController();
  const stop = () =>
    controller.abort(new Interrupted('interrupted; finished runs are kept, and the same command goes on from there.'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

async function showPlan(experiment: Experiment, options: SweepOptions, isJson: boolean): Promise<void> {
  const [{ planSweep }, { planRows, planLines }] = await Promise.all([
    import('../lab/sweep.ts'),
    import('./run-report.ts'),
  ]);
  const plan = planSweep(experiment, options);
  print(isJson, { dir: plan.folder, runs: planRows(experiment, plan) }, planLines(experiment, plan));
}

async function report(experiment: Experiment, result: SweepResult, { json }: RunArguments): Promise<void> {
  const { resultRows, resultLines } = await import('./run-report.ts');
  const rows = resultRows(result);
  const terminal = {
    color: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
    columns: process.stdout.columns ?? 100,
  };
  print(json, { dir: result.folder, runs: rows }, json ? [] : resultLines(experiment, result, terminal));
}
