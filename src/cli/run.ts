/** `cutlayer run`: an experiment, from its file to CSV, pictures and a table. */

import { existsSync, statSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { counted } from '../arrays/counted.ts';
import type { Experiment } from '../lab/config/experiment.ts';
import type { SweepOptions, SweepResult } from '../lab/sweep.ts';
import { Interrupted } from './interrupted.ts';
import { print } from './output.ts';
import { cacheFolder, limitsOf, type RunArguments, withRunOptions } from './run-options.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';
import { warn } from './warn.ts';
import { workerUrl } from './worker-url.ts';

export const runCommand: CommandModule = {
  command: 'run [file]',
  describe: 'an experiment: train, attack, score; CSV, pictures and a table',
  builder: withRunOptions,
  handler: (args) => run(args as unknown as RunArguments),
};

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
  const result = await untilInterrupted((signals) => sweep(experiment, { ...options, ...signals }));
  await report(experiment, result, args);
  if (result.failures > 0) {
    throw new Error(`${result.failures} of ${counted(experiment.runs.length, 'run')} failed; the others are kept.`);
  }
  if (result.left > 0) warn([`${counted(result.left, 'run')} left to do; the same command goes on from there.`]);
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
  const worker = workerUrl();
  const isJson = args.progress === 'json';
  const observer = progressOn(process.stderr, experiment, { isQuiet: quiet, isVerbose: verbose, isJson });
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
    phases: cacheFolder(args),
    isFresh: fresh,
    limits: limitsOf(args),
    stop: new AbortController().signal,
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

type Signals = Pick<SweepOptions, 'stop' | 'signal'>;

/** The first Ctrl-C ends the runs after the phases in hand, the second at once; what is finished is kept. */
async function untilInterrupted(work: (signals: Signals) => Promise<SweepResult>): Promise<SweepResult> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const reason = new Interrupted('interrupted; finished runs are kept, and the same command goes on from there.');
  const interrupt = () => {
    if (stop.signal.aborted) return kill.abort(reason);
    process.stderr.write('\nending after the phases in hand, which are kept; Ctrl-C again ends at once.\n');
    stop.abort(reason);
  };
  const terminate = () => kill.abort(reason);
  process.on('SIGINT', interrupt);
  process.once('SIGTERM', terminate);
  try {
    return await work({ stop: stop.signal, signal: kill.signal });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  }
}

async function showPlan(experiment: Experiment, options: SweepOptions, isJson: boolean): Promise<void> {
  const [{ planSweep }, { planDocument, planLines }] = await Promise.all([
    import('../lab/plan.ts'),
    import('./run-plan.ts'),
  ]);
  const plan = planSweep(experiment, options);
  print(isJson, planDocument(experiment, plan), planLines(experiment, plan));
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
