/** Does the runs of a sweep that are missing, beside other processes that may be doing the same. */

import { isEnvironmentError } from './environment-error.ts';
import { type Helpers, helpersOf } from './help.ts';
import { hasMessages, type PlannedPhases } from './phases/plan.ts';
import { entryName, type PhaseRequest, storedPhases } from './phases/store.ts';
import type { MissingRun, SweepPlan } from './plan.ts';
import type { RunFailed } from './results/run-status.ts';
import { type RunStore, type StoredRun, withoutGalleries } from './results/store.ts';
import { writePictures } from './results/write.ts';
import { RunFailure } from './run-failure.ts';
import { requestOf } from './run-request.ts';
import { workThrough } from './shared-queue.ts';
import type { SweepOptions } from './sweep.ts';

export interface MissingRuns {
  readonly options: SweepOptions;
  readonly plan: SweepPlan;
  readonly store: RunStore;
  /** Of every run of the experiment, without galleries; filled in as they finish. */
  readonly results: (StoredRun | undefined)[];
  /** Called where there is a result more. */
  readonly onResult: () => void;
}

export interface Ending {
  /** Runs that failed, now or before, by index. */
  readonly failed: ReadonlyMap<number, RunFailed>;
  /** Runs that no limit let begin. */
  readonly left: number;
}

export async function doMissingRuns(missing: MissingRuns): Promise<Ending> {
  const { options, plan, store } = missing;
  const { limits, stop, signal } = options;
  const items = plan.missing;
  if (options.isFresh) forget(items, options);
  const failed = new Map([...plan.failed.entries()].flatMap(([index, failure]) => (failure ? [[index, failure]] : [])));
  const failedBefore = failed.size;
  const record = recorder(missing, failed);
  const helpers = helpersOf(options, store);
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
      return doRun(item, { missing, record, helpers });
    },
    help: helpers.helpWith,
    isOver,
  });
  return { failed, left: items.filter((item) => !record.isSettled(item)).length };
}

/** So that they are made anew; runs of this sweep still share them. */
function forget(items: readonly MissingRun[], { phases: folder }: SweepOptions): void {
  if (folder === undefined) return;
  const stored = storedPhases(folder);
  for (const request of items.flatMap(({ phases }) => requestsOf(phases))) {
    stored.forget(request);
  }
}

function requestsOf({ train, messages, records, attacks }: PlannedPhases): PhaseRequest[] {
  return [train, ...(messages ? [messages] : []), ...records, ...attacks];
}

interface Recorder {
  /** Looks at what other processes did, too. */
  isSettled(item: MissingRun): boolean;
  done(index: number, run: StoredRun): void;
  failed(index: number, failure: RunFailed): void;
}

function recorder(
  { options: { observer, isFresh, limits, phases: folder }, store, results, onResult }: MissingRuns,
  failed: Map<number, RunFailed>,
): Recorder {
  const done = (index: number, run: StoredRun) => {
    results[index] = withoutGalleries(run);
    onResult();
    observer.onDone(index, run.result);
  };
  const fail = (index: number, failure: RunFailed) => {
    failed.set(index, failure);
    observer.onFailed(index, failure);
  };
  return {
    done,
    failed: fail,
    isSettled({ index, run, phases }) {
      if (results[index] || failed.has(index)) return true;
      if (isFresh) return false; // what lies there is not this sweep's
      const result = hasMessages(phases, folder) ? store.find(run) : undefined;
      if (result) done(index, result);
      const failure = limits.retryFailed ? undefined : store.findFailure(run);
      if (failure) fail(index, failure);
      return result !== undefined || failure !== undefined;
    },
  };
}

interface Doing {
  readonly missing: MissingRuns;
  readonly record: Recorder;
  readonly helpers: Helpers;
}

async function doRun(run: MissingRun, { missing, record, helpers }: Doing): Promise<void> {
  const { index, phases } = run;
  const { config } = run.run;
  const { options, plan, store } = missing;
  const { observer, signal, stop, limits } = options;
  const started = new Date().toISOString();
  const ended = () => ({ started, ended: new Date().toISOString() });
  store.removeLogs(config);
  store.saveStatus(config, { state: 'running', pid: process.pid, started });
  try {
    const result = await options.workers.run(requestOf('run', run, options), {
      signal,
      stop,
      logFile: store.logFile(config),
      timeoutSeconds: limits.runSeconds,
      onProgress: (phase, share) => observer.onProgress(index, phase, share),
      onWarning: observer.onWarning,
    });
    if (!result) return store.saveStatus(config, { state: 'interrupted', ...ended() });
    helpers.endFor(run);
    writePictures(plan.folder, result); // before its result, so that a finished run has its own
    const saved = store.save(result);
    store.saveStatus(config, { state: 'done', ...ended(), phases: requestsOf(phases).map(entryName) });
    record.done(index, saved);
  } catch (error) {
    helpers.endFor(run);
    const { state, failure } = failed(error);
    store.saveStatus(config, { state, ...ended(), ...failure });
    record.failed(index, failure);
  }
}

/** Only what the run itself threw would be thrown again. Rethrows what is no failure of a run. */
function failed(error: unknown): { readonly state: 'failed' | 'crashed'; readonly failure: RunFailed } {
  if (!(error instanceof RunFailure || isEnvironmentError(error))) throw error;
  const { message, stack = message } = error as Error;
  const isOwn = error instanceof RunFailure && error.kind === 'threw';
  const lastLines = error instanceof RunFailure ? error.lastLines : [];
  return { state: isOwn ? 'failed' : 'crashed', failure: { message, stack, lastLines } };
}
