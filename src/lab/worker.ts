/** The other side of a run's process: it waits for requests, and answers one after the other. */

import { writeFileSync } from 'node:fs';
import { type EngineName, useEngine } from '../compile/engine.ts';
import type { DataSplits } from '../contracts/dataset.ts';
import type { Catalogues } from './catalogues.ts';
import { collectGarbage } from './collect-garbage.ts';
import { loadExperiment } from './config/experiment.ts';
import { ConfigError } from './config/problems.ts';
import { isEnvironmentError } from './environment-error.ts';
import { phaseStore } from './phases/store.ts';
import { executeRun, helpRun } from './run.ts';
import {
  type CheckRequest,
  type RunRequest,
  stopMessage,
  type WorkerAnswer,
  type WorkerMessage,
} from './worker-messages.ts';

/** Data sets that were read, for the next run. */
type Splits = Map<string, Promise<DataSplits>>;

interface Serving {
  readonly catalogues: Catalogues;
  readonly splits: Splits;
}

export function serveRuns(catalogues: Catalogues): void {
  const serving: Serving = { catalogues, splits: new Map() };
  let stop = new AbortController();
  process.on('SIGINT', () => {}); // Ctrl-C reaches every process of the terminal; the parent decides what ends
  process.on('disconnect', () => process.exit(1)); // nobody is left to hear the result
  process.on('message', async (message: RunRequest | CheckRequest | typeof stopMessage) => {
    if (message === stopMessage) return stop.abort();
    if (message.kind === 'check') return void (await say(await check(message, serving)));
    stop = new AbortController();
    forgetPeakMemory();
    keepOne(serving.splits);
    await say(await answer(message, serving, stop.signal));
    collectGarbage();
  });
}

async function answer(request: RunRequest, serving: Serving, stop: AbortSignal): Promise<WorkerAnswer> {
  const { kind, config, phases: folder, ...given } = request;
  const engine = request.engine as EngineName;
  const warn = (message: string) => void say({ kind: 'warning', message });
  const phases = folder === undefined ? undefined : phaseStore({ folder, warn, stop });
  const progress = loggedProgress((phase, share) => void say({ kind: 'progress', phase, share }));
  try {
    const options = { ...given, ...serving, engine, progress, phases, stop };
    if (kind === 'run') return { kind: 'done', result: await executeRun(config, options) };
    await helpRun(config, options);
    return { kind: 'helped' };
  } catch (error) {
    return stop.aborted ? { kind: 'stopped' } : failureOf(error);
  }
}

function failureOf(error: unknown): WorkerAnswer {
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  console.error(stack);
  return { kind: 'failed', why: isEnvironmentError(error) ? 'environment' : 'threw', message, stack };
}

/** Reads the data, which the first run then finds here. */
async function check({ engine, ...request }: CheckRequest, serving: Serving): Promise<WorkerAnswer> {
  try {
    const experiment = await loadExperiment(request.file, { ...request, ...serving });
    if (engine) await requireEngine(engine);
    return { kind: 'checked', experiment };
  } catch (error) {
    if (!(error instanceof ConfigError)) return failureOf(error);
    return { kind: 'refused', problems: error.problems, stack: error.stack ?? error.message };
  }
}

async function requireEngine({ name, threads, device }: NonNullable<CheckRequest['engine']>): Promise<void> {
  try {
    await useEngine(name as EngineName, { threads, device });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([{ path: [], message }], { cause });
  }
}

/** Most sweeps have one data set; those with several would fill the memory. */
function keepOne(splits: Splits): void {
  const others = [...splits.keys()].slice(0, -1);
  for (const key of others) splits.delete(key);
}

/** So that a run's peak is its own and not that of an earlier one; where there is no such file, it is the process's. */
function forgetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {} // no Linux
}

/** The run's log has a line each time that another tenth of a phase is done. */
function loggedProgress(progress: (phase: string, share: number) => void): typeof progress {
  let last = '';
  return (phase, share) => {
    const line = `${phase} ${10 * Math.floor(10 * share)} %`;
    if (line !== last) console.log(`${new Date().toISOString()} ${line}`);
    last = line;
    progress(phase, share);
  };
}

function say(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}
