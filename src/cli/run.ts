/** `cutlayer run`: an experiment, from its file to CSV, pictures and a table. */

import { join } from 'node:path';
import { counted } from '../arrays/counted.ts';
import type { Experiment } from '../lab/config/experiment.ts';
import { experimentText } from '../lab/config/experiment-text.ts';
import { missingControls } from '../lab/controls.ts';
import { type RunWorkers, runWorkers } from '../lab/run-workers.ts';
import type { SweepOptions, SweepResult } from '../lab/sweep.ts';
import type { CheckRequest } from '../lab/worker-messages.ts';
import type { CommandBody } from './commands.ts';
import { Interrupted } from './interrupted.ts';
import { print } from './output.ts';
import { cacheFolder, limitsOf, type RunArguments, withRunOptions } from './run-options.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';
import { warn } from './warn.ts';
import { workerUrl } from './worker-url.ts';
import { type FolderOption, makeFolders, requireFolders } from './writable-folders.ts';

export const runCommand: CommandBody = {
  builder: withRunOptions,
  handler: (args) => run(args as unknown as RunArguments),
};

async function run(args: RunArguments): Promise<void> {
  const source = fileAndSets(args);
  requireFolders(foldersOf(args));
  const request = checkRequest(source, args);
  const workers = runWorkers(workerUrl());
  try {
    const experiment = await workers.check(request);
    requireRounds(args, experiment);
    warn([...experiment.warnings, ...missingControls(experiment.runs)]);
    const options = await sweepOptions(args, experiment, workers);
    if (args.dryRun) await showPlan(experiment, options, args.json);
    else await runAll(experiment, options, args);
  } finally {
    workers.end();
  }
}

async function runAll(experiment: Experiment, options: SweepOptions, args: RunArguments): Promise<void> {
  makeFolders([...foldersOf(args), { option: '--out', path: join(args.out, experiment.name) }]);
  const { runSweep } = await import('../lab/sweep.ts');
  const result = await untilInterrupted((signals) => runSweep(experiment, { ...options, ...signals }));
  await report(experiment, result, args);
  if (result.interruption) throw result.interruption;
  if (result.failed.size > 0) throw new Error(failuresOf(experiment, result));
  if (result.left > 0) warn([`${counted(result.left, 'run')} left to do; the same command goes on from there.`]);
}

function checkRequest({ file, sets }: FileAndSets, args: RunArguments): CheckRequest {
  const { seeds, dataDir, noise, dryRun, engine: name, threads, device } = args;
  const engine = dryRun ? undefined : { name, threads, device };
  return { kind: 'check', file, text: experimentText(file), sets, seeds, dataDir, noise, engine };
}

interface FileAndSets {
  readonly file: string;
  readonly sets: readonly string[];
}

/** `--set a=1 b=2 FILE` is read as three values: the one without "=" is the file. */
function fileAndSets({ file, set }: RunArguments): FileAndSets {
  const strays = set.filter((text) => !text.includes('='));
  const [chosen = strays[0]] = [file];
  if (chosen === undefined)
    throw new UsageError('run needs an experiment file, such as experiments/pixeldp-tradeoff.yaml.');
  const sets = file === undefined ? set.filter((text) => text !== chosen) : set;
  return { file: chosen, sets };
}

/** Rounds whose messages are to be kept: there must be such, and a place for them. */
function requireRounds({ recordMessages, ...args }: RunArguments, { runs }: Experiment): void {
  const last = recordMessages?.at(-1);
  if (last === undefined) return;
  if (cacheFolder(args) === undefined) {
    throw new UsageError(
      '--record-messages keeps messages in the cache, but --cache is "none". Leave one of them out.',
    );
  }
  const fewest = Math.min(...runs.map(({ trainer }) => trainer.rounds));
  if (last > fewest) {
    throw new UsageError(
      `--record-messages must be at most ${fewest} (trainer.rounds of the shortest run), but is ${last}.`,
    );
  }
}

function foldersOf(args: RunArguments): FolderOption[] {
  const cache = cacheFolder(args);
  return [{ option: '--out', path: args.out }, ...(cache === undefined ? [] : [{ option: '--cache', path: cache }])];
}

function failuresOf({ runs }: Experiment, { failed }: SweepResult): string {
  return `${failed.size} of ${counted(runs.length, 'run')} failed; the others are kept. --retry-failed runs them again.`;
}

async function sweepOptions(args: RunArguments, experiment: Experiment, workers: RunWorkers): Promise<SweepOptions> {
  const { progressOn } = await import('./progress.ts');
  const { out, engine, threads, device, jobs, noise, dataDir, fresh, quiet, verbose } = args;
  const isJson = args.progress === 'json';
  const observer = progressOn(process.stderr, experiment, { isQuiet: quiet, isVerbose: verbose, isJson });
  const [, ...argv] = process.argv;
  return {
    workers,
    out,
    engine,
    threads,
    device,
    jobs,
    noise,
    dataDir,
    phases: cacheFolder(args),
    recordedRounds: args.recordMessages,
    isFresh: fresh,
    limits: limitsOf(args),
    stop: new AbortController().signal,
    signal: new AbortController().signal,
    version: version(),
    argv: argv.slice(1),
    observer,
  };
}

/** From job schedulers, and from a terminal that is closed. */
const endingSignals = ['SIGTERM', 'SIGHUP'] as const;

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
  for (const signal of endingSignals) process.once(signal, terminate);
  try {
    return await work({ stop: stop.signal, signal: kill.signal });
  } finally {
    process.off('SIGINT', interrupt);
    for (const signal of endingSignals) process.off(signal, terminate);
  }
}

async function showPlan(experiment: Experiment, options: SweepOptions, isJson: boolean): Promise<void> {
  const [{ planSweep }, { storeOf }, { planDocument, planLines }] = await Promise.all([
    import('../lab/plan.ts'),
    import('../lab/sweep.ts'),
    import('./run-plan.ts'),
  ]);
  const plan = planSweep(experiment, options, storeOf(experiment, options));
  print(isJson, planDocument(experiment, plan), planLines(experiment, plan));
}

async function report(experiment: Experiment, result: SweepResult, { json }: RunArguments): Promise<void> {
  const { resultDocument, resultLines } = await import('./run-report.ts');
  const terminal = {
    color: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
    columns: process.stdout.columns ?? 100,
  };
  print(json, resultDocument(experiment, result), json ? [] : resultLines(experiment, result, terminal));
}
