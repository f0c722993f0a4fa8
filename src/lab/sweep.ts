/** A whole experiment: check it, run what is missing, keep what is finished. */

import type { EngineName } from '../compile/engine.ts';
import type { RunResult } from '../contracts/experiment.ts';
import type { RngSource } from '../contracts/rng.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Experiment } from './config/experiment.ts';
import { doMissingRuns, type Ending } from './missing-runs.ts';
import { removeUnfinishedEntries } from './phases/stored-entries.ts';
import { folderOf, jobsOf, planSweep, type SweepPlan } from './plan.ts';
import { conditionsOf } from './results/conditions.ts';
import { removeUnfinished } from './results/files.ts';
import { originOf } from './results/origin.ts';
import { provenanceOf } from './results/provenance.ts';
import type { RunFailed } from './results/run-status.ts';
import { type RunStore, runStore } from './results/store.ts';
import {
  hasPictures,
  writeConfiguration,
  writePictures,
  writeProvenance,
  writeSummary,
  writeTables,
} from './results/write.ts';
import type { RunWorkers } from './run-workers.ts';

export interface SweepOptions {
  /** They do the runs. Whoever made them ends them. */
  readonly workers: RunWorkers;
  /** Results are written to `<out>/<name>`. */
  readonly out: string;
  readonly engine: EngineName;
  readonly threads: number;
  /** See `RunOptions`. */
  readonly device?: string | undefined;
  readonly jobs?: number | undefined;
  readonly noise: RngSource;
  readonly dataDir: string | undefined;
  /** The folder where outcomes of phases are kept; nowhere where left out. */
  readonly phases: string | undefined;
  /** Whose messages are kept among the phases; none where left out. */
  readonly recordedRounds?: readonly number[] | undefined;
  /** Run everything anew, finished or not. */
  readonly isFresh: boolean;
  readonly limits: SweepLimits;
  /** Ends everything after the phases in hand. */
  readonly stop: AbortSignal;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly version: string;
  readonly argv: readonly string[];
  readonly observer: SweepObserver;
}

/** When no further run is begun; those that are going on are finished. Without limits where left out. */
export interface SweepLimits {
  /** Run again what failed before under the same conditions. */
  readonly retryFailed?: boolean | undefined;
  readonly maxFailures?: number | undefined;
  readonly maxRuns?: number | undefined;
  readonly budgetSeconds?: number | undefined;
  /** After which a single run has failed. */
  readonly runSeconds?: number | undefined;
}

/** Hears what goes on; indices are those of the experiment's runs. */
export interface SweepObserver {
  /** What a person should know, although nothing is refused. */
  onWarning(message: string): void;
  onStart(plan: SweepPlan): void;
  onProgress(index: number, phase: string, share: number): void;
  onDone(index: number, result: RunResult): void;
  onFailed(index: number, failure: RunFailed): void;
  /** Nothing more is done but writing tables. */
  onEnd(): void;
}

export interface SweepResult extends Ending {
  readonly folder: string;
  /** Of the runs that are finished, in the order of the plan; without galleries, which stay in their files. */
  readonly results: readonly RunResult[];
  /** Why it was aborted, where it was. */
  readonly interruption: unknown;
}

/**
 * Runs what is missing. Pictures, tables and provenance are written with every run, so that what is finished is there whatever
 * happens next.
 */
export async function runSweep(experiment: Experiment, given: SweepOptions): Promise<SweepResult> {
  const options = { ...given, observer: warningOnce(given.observer) };
  const store = storeOf(experiment, options);
  const plan = planSweep(experiment, options, store);
  const { folder } = plan;
  removeUnfinished(folder);
  if (options.phases !== undefined) removeUnfinishedEntries(options.phases);
  writeConfiguration(folder, experiment.runs);
  writeMissingPictures(experiment, plan, store);
  options.observer.onStart(plan);
  const runs = [...plan.finished];
  const finished = () => runs.filter((run) => run !== undefined);
  const results = () => finished().map(({ result }) => result);
  const writeFinished = () => {
    writeTables(folder, results());
    writeProvenance(folder, provenanceOf({ conditions: store.conditions, origin: store.origin, runs: finished() }));
  };
  const onResult = () => {
    writeFinished();
    collectGarbage();
  };
  try {
    const ending = await doMissingRuns({ options, plan, store, results: runs, onResult });
    const { signal, stop } = options;
    const interruption = signal.aborted ? signal.reason : stop.aborted ? stop.reason : undefined;
    return { folder, results: results(), ...ending, interruption };
  } finally {
    options.observer.onEnd();
    writeFinished();
    writeSummary(folder, results(), experiment.runs);
  }
}

/** Of runs that were finished before: somebody may have removed their pictures. */
function writeMissingPictures({ planned }: Experiment, { folder, finished }: SweepPlan, store: RunStore): void {
  for (const [index, run] of planned.entries()) {
    const result = finished[index]?.result;
    if (!result || hasPictures(folder, result)) continue;
    const whole = store.find(run);
    if (whole) writePictures(folder, whole.result);
  }
}

/** The runs of an experiment as they lie on disk. */
export function storeOf(experiment: Experiment, options: SweepOptions): RunStore {
  const { version, argv, observer } = options;
  return runStore({
    folder: folderOf(experiment, options),
    conditions: conditionsOf(options),
    origin: originOf({ version, argv, jobs: jobsOf(options) }),
    warn: observer.onWarning,
  });
}

/** Files are looked at several times, since other processes may have written them meanwhile. */
function warningOnce(observer: SweepObserver): SweepObserver {
  const said = new Set<string>();
  const onWarning = (message: string) => {
    if (!said.has(message)) observer.onWarning(message);
    said.add(message);
  };
  return { ...observer, onWarning };
}
