/** A whole experiment: check it, run what is missing, keep what is finished. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../compile/engine.ts';
import { useEngine } from '../compile/engine.ts';
import type { RunResult } from '../contracts/experiment.ts';
import type { RngSource } from '../contracts/rng.ts';
import type { Catalogues } from './catalogues.ts';
import type { Experiment } from './config/experiment.ts';
import { type RunFailure, runInProcesses } from './pool.ts';
import { codeId } from './results/code-id.ts';
import { provenanceOf } from './results/provenance.ts';
import { type Conditions, type RunStore, runStore } from './results/store.ts';
import { writeConfiguration, writePictures, writeProvenance, writeSummary, writeTables } from './results/write.ts';

export interface SweepOptions {
  readonly catalogues: Catalogues;
  /** The module that runs one run in a child process. */
  readonly worker: URL;
  /** Results are written to `<out>/<name>`. */
  readonly out: string;
  readonly engine: EngineName;
  readonly threads: number;
  readonly jobs?: number | undefined;
  readonly noise: RngSource;
  readonly dataDir: string | undefined;
  /** Run everything anew, finished or not. */
  readonly isFresh: boolean;
  readonly signal: AbortSignal;
  readonly version: string;
  readonly argv: readonly string[];
  readonly observer: SweepObserver;
}

/** Hears what goes on; indices are those of the experiment's runs. */
export interface SweepObserver {
  /** What a person should know, although nothing is refused. */
  onWarning(message: string): void;
  onStart(plan: SweepPlan): void;
  onProgress(index: number, phase: string, share: number): void;
  onDone(index: number, result: RunResult): void;
  onFailed(index: number, failure: RunFailure): void;
}

export interface SweepPlan {
  readonly folder: string;
  readonly jobs: number;
  /** For each run: its result where it was finished before. */
  readonly finished: readonly (RunResult | undefined)[];
}

export interface SweepResult {
  readonly folder: string;
  /** Of the runs that are finished, in the order of the plan. */
  readonly results: readonly RunResult[];
  readonly failures: number;
  readonly pictures: readonly string[];
}

/** What `runSweep` would do. */
export function planSweep(experiment: Experiment, options: SweepOptions): SweepPlan {
  const folder = join(options.out, experiment.name);
  const store = storeOf(folder, options);
  const finished = experiment.planned.map((run) => (options.isFresh ? undefined : store.find(run)));
  return { folder, jobs: options.jobs ?? availableParallelism(), finished };
}

function storeOf(folder: string, options: SweepOptions): RunStore {
  const { onWarning: warn } = options.observer;
  return runStore({ folder, conditions: conditionsOf(options), warn });
}

function conditionsOf({ engine, threads, noise, dataDir }: SweepOptions): Conditions {
  return { code: codeId(), engine, threads, noise, dataDir };
}

/**
 * Runs what is missing. Tables are written after every run, so that what is finished is there whatever happens next.
 * Rejects with the signal's reason where it is aborted, once the tables of what is finished are written.
 */
export async function runSweep(experiment: Experiment, options: SweepOptions): Promise<SweepResult> {
  const engine = await useEngine(options.engine, { threads: options.threads });
  const plan = planSweep(experiment, options);
  const { folder, jobs } = plan;
  writeConfiguration(folder, experiment.runs);
  options.observer.onStart(plan);
  const results = [...plan.finished];
  const finished = () => results.filter((result) => result !== undefined);
  try {
    const failures = await runMissing(experiment, { ...options, jobs }, { folder, results });
    const pictures = finished().flatMap((result) => writePictures(folder, result));
    return { folder, results: finished(), failures, pictures };
  } finally {
    writeTables(folder, finished());
    await writeSummary(folder, finished());
    const { version, argv } = options;
    const inputs = { conditions: conditionsOf(options), engineVersions: engine.versions, version, argv, jobs };
    writeProvenance(folder, provenanceOf({ ...inputs, results: finished() }));
  }
}

interface Progress {
  readonly folder: string;
  /** Of every run of the experiment; filled in as they finish. */
  readonly results: (RunResult | undefined)[];
}

/** Returns how many runs failed. */
async function runMissing(
  experiment: Experiment,
  options: SweepOptions & { readonly jobs: number },
  { folder, results }: Progress,
): Promise<number> {
  const { observer, engine, threads, noise, dataDir, worker, jobs, signal } = options;
  const store = storeOf(folder, options);
  const missing = experiment.runs.flatMap((config, index) => (results[index] ? [] : [{ index, config }]));
  const indexOf = (position: number) => missing[position]?.index ?? 0;
  let failures = 0;
  await runInProcesses(
    missing.map(({ config }) => ({ config, engine, threads, noise, dataDir })),
    {
      worker,
      jobs,
      signal,
      onProgress: (position, phase, share) => observer.onProgress(indexOf(position), phase, share),
      onDone: (position, result) => {
        results[indexOf(position)] = result;
        store.save(result);
        writeTables(
          folder,
          results.filter((own) => own !== undefined),
        );
        observer.onDone(indexOf(position), result);
      },
      onFailed: (position, failure) => {
        failures += 1;
        observer.onFailed(indexOf(position), failure);
      },
    },
  );
  return failures;
}
