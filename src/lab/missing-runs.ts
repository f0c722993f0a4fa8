/** Does the runs of a sweep that are missing, beside other processes that may be doing the same. */

import type { RunConfig, RunResult } from '../contracts/experiment.ts';
import type { PlannedPhases } from './phases/plan.ts';
import { storedPhases } from './phases/store.ts';
import { type MissingRun, type SweepPlan, storeOf } from './plan.ts';
import type { RunFailed, RunStore } from './results/store.ts';
import { RunFailure, runInProcess } from './run-process.ts';
import { workThrough } from './shared-queue.ts';
import type { SweepOptions } from './sweep.ts';

export interface MissingRuns {
  readonly options: SweepOptions;
  readonly plan: SweepPlan;
  /** Of every run of the experiment; filled in as they finish. */
  readonly results: (RunResult | undefined)[];
  /** Called where there is a result more. */
  readonly onResult: () => void;
}

export interface Ending {
  /** Runs that failed, now or before. */
  readonly failures: number;
  /** Runs that no limit let begin. */
  readonly left: number;
}

export async function doMissingRuns(missing: MissingRuns): Promise<Ending> {
  const { options, plan } = missing;
  const { limits, stop, signal } = options;
  const items = plan.missing;
  if (options.isFresh) forget(items, options);
  const store = storeOf(plan.folder, options);
  const failed = new Set(plan.failed.flatMap((failure, index) => (failure ? [index] : [])));
  const failedBefore = failed.size;
  const record = recorder(missing, { store, failed });
  const begin = performance.now();
  let begun = 0;
  const isOver = () =>
    [
      stop.aborted,
      signal.aborted,
      failed.size - failedBefore >= (limits.maxFailures ?? Number.POSITIVE_INFINITY),
      begun >= (limits.maxRuns ?? Number.POSITIVE_INFINITY),
      performance.now() - begin >= 1000 * (limits.budgetSeconds ?? Number.POSITIVE_INFINITY),
    ].includes(true);
  await workThrough<MissingRun>({
    items,
    lanes: plan.jobs,
    leaseFile: ({ run }) => store.leaseFile(run.config),
    isSettled: record.isSettled,
    work: (item) => {
      begun += 1;
      return doRun(item, { missing, store, record });
    },
    isOver,
  });
  return { failures: failed.size, left: items.filter((item) => !record.isSettled(item)).length };
}

/** So that they are made anew; runs of this sweep still share them. */
function forget(items: readonly MissingRun[], { phases: folder }: SweepOptions): void {
  if (folder === undefined) return;
  const stored = storedPhases(folder);
  for (const { train, records, attacks } of items.map(({ phases }) => phases)) {
    for (const request of [train, ...records, ...attacks]) stored.forget(request);
  }
}

interface Recorder {
  /** Looks at what other processes did, too. */
  isSettled(item: MissingRun): boolean;
  done(index: number, result: RunResult): void;
  failed(index: number, failure: RunFailed): void;
}

function recorder(
  { options: { observer, isFresh, limits }, results, onResult }: MissingRuns,
  { store, failed }: { readonly store: RunStore; readonly failed: Set<number> },
): Recorder {
  const done = (index: number, result: RunResult) => {
    results[index] = result;
    onResult();
    observer.onDone(index, result);
  };
  const fail = (index: number, failure: RunFailed) => {
    failed.add(index);
    observer.onFailed(index, failure);
  };
  return {
    done,
    failed: fail,
    isSettled({ index, run }) {
      if (results[index] || failed.has(index)) return true;
      if (isFresh) return false; // what lies there is not this sweep's
      const result = store.find(run);
      if (result) done(index, result);
      const failure = limits.retryFailed ? undefined : store.findFailure(run);
      if (failure) fail(index, failure);
      return result !== undefined || failure !== undefined;
    },
  };
}

interface Doing {
  readonly missing: MissingRuns;
  readonly store: RunStore;
  readonly record: Recorder;
}

async function doRun({ index, run: { config }, phases }: MissingRun, { missing, store, record }: Doing): Promise<void> {
  const { options } = missing;
  const { observer, worker, signal, stop, limits } = options;
  const started = new Date().toISOString();
  store.saveStatus(config, { state: 'running', pid: process.pid, started });
  try {
    const result = await runInProcess(requestOf(config, options, phases), {
      worker,
      signal,
      stop,
      logFile: store.logFile(config),
      timeoutSeconds: limits.runSeconds,
      onProgress: (phase, share) => observer.onProgress(index, phase, share),
      onWarning: observer.onWarning,
    });
    if (!result) return;
    store.save(result);
    store.saveStatus(config, { state: 'done', started, ended: new Date().toISOString() });
    record.done(index, result);
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    const failure = { message: error.message, stack: error.stack ?? error.message, lastLines: error.lastLines };
    const state = error.isOwn ? 'failed' : 'crashed';
    store.saveStatus(config, { state, started, ended: new Date().toISOString(), ...failure });
    record.failed(index, failure);
  }
}

function requestOf(config: RunConfig, options: SweepOptions, { moments }: PlannedPhases) {
  const { engine, threads, noise, dataDir, phases } = options;
  return { config, engine, threads, noise, dataDir, phases, moments };
}
