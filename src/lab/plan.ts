/** What a sweep would do: which runs are finished, which failed, and what the others will take. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Experiment, PlannedRun } from './config/experiment.ts';
import { countPhases, hasMessages, type PhaseCounts, type PlannedPhases, planPhases } from './phases/plan.ts';
import { phaseKey, storedPhases } from './phases/store.ts';
import { conditionsOf } from './results/conditions.ts';
import type { RunFailed } from './results/run-status.ts';
import { type RunStore, type StoredRun, withoutGalleries } from './results/store.ts';
import { inGoodOrder } from './schedule.ts';
import { mean } from './statistics/mean.ts';
import type { SweepOptions } from './sweep.ts';

export interface SweepPlan {
  readonly folder: string;
  readonly jobs: number;
  /** For each run: its result where it was finished before, without galleries. */
  readonly finished: readonly (StoredRun | undefined)[];
  /** For each run: why it failed before, where it is not to be tried again. */
  readonly failed: readonly (RunFailed | undefined)[];
  /** The others, in the order in which they are begun. */
  readonly missing: readonly MissingRun[];
  /** What the missing runs need, and what is stored of it; zeros where phases are not kept. */
  readonly phases: PhaseCounts;
  /** What will be kept of their phases, roughly. */
  readonly bytes: number;
  /** Processing time of the same, from finished runs; undefined where none is finished. */
  readonly seconds: number | undefined;
}

export interface MissingRun {
  /** Among the runs of the experiment. */
  readonly index: number;
  readonly run: PlannedRun;
  readonly phases: PlannedPhases;
}

/** Where an experiment's results go. */
export function folderOf({ name }: Experiment, { out }: Pick<SweepOptions, 'out'>): string {
  return join(out, name);
}

export function planSweep(experiment: Experiment, options: SweepOptions, store: RunStore): SweepPlan {
  const { planned } = experiment;
  const phases = phasesToDo(planned, options);
  const finished = planned.map((run, index) =>
    options.isFresh || !hasMessages(phases[index] as PlannedPhases, options.phases) ? undefined : found(store, run),
  );
  const isTriedAgain = options.isFresh || options.limits.retryFailed === true;
  const failed = planned.map((run) => (isTriedAgain ? undefined : store.findFailure(run)));
  const open = [...planned.entries()]
    .filter(([index]) => !finished[index] && !failed[index])
    .map(([index, run]) => ({ index, run, phases: phases[index] as PlannedPhases }));
  const missing = inGoodOrder(
    open,
    finished.filter((run) => run !== undefined),
  );
  return {
    folder: folderOf(experiment, options),
    jobs: jobsOf(options),
    finished,
    failed,
    missing,
    ...phasesNeeded(missing, options),
    seconds: expectedSeconds(finished, missing.length),
  };
}

function found(store: RunStore, run: PlannedRun): StoredRun | undefined {
  const stored = store.find(run);
  return stored && withoutGalleries(stored);
}

/** Of all runs: finished ones share their victims with the others. */
function phasesToDo(planned: readonly PlannedRun[], options: SweepOptions): PlannedPhases[] {
  const { recordedRounds } = options;
  return planPhases(
    planned.map((run) => ({ ...run, recordedRounds })),
    conditionsOf(options),
  );
}

function phasesNeeded(
  missing: readonly MissingRun[],
  { phases: folder, recordedRounds = [] }: SweepOptions,
): Pick<SweepPlan, 'phases' | 'bytes'> {
  const none = { needed: 0, stored: 0 };
  if (folder === undefined) return { phases: { train: none, record: none, attack: none }, bytes: 0 };
  const stored = storedPhases(folder);
  const sizes = sizesOf(missing, recordedRounds.length).filter(({ request }) => !stored.has(request));
  const phases = countPhases(
    missing.map((run) => run.phases),
    stored,
  );
  return { phases, bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Of trainings, messages and recorded views, each once; what attacks make of them is small. */
function sizesOf(missing: readonly MissingRun[], rounds: number) {
  const sizes = missing.flatMap(({ run, phases: { train, messages, records, moments } }) => {
    const { victim, views, round } = run.bytes;
    const kept = moments.includes('end') ? moments.length : moments.length + 1;
    const own = records.map((request, view) => ({ request, bytes: views[view] ?? 0 }));
    const sent = messages ? [{ request: messages, bytes: round * rounds }] : [];
    return [{ request: train, bytes: victim * kept }, ...sent, ...own];
  });
  return [...new Map(sizes.map((size) => [phaseKey(size.request), size])).values()];
}

/** The mean of finished runs, times what is missing. */
function expectedSeconds(finished: readonly (StoredRun | undefined)[], missing: number): number | undefined {
  const known = finished.flatMap((run) => (run ? [secondsOf(run)] : []));
  return known.length > 0 ? mean(known) * missing : undefined;
}

/** Attacks count with what they took where they were made, be it in another process. */
function secondsOf({ result: { timings, attacks } }: StoredRun): number {
  const others = timings.filter(({ phase }) => !phase.startsWith('attack '));
  return [...others, ...attacks].reduce((sum, { seconds }) => sum + seconds, 0);
}

export function jobsOf({ jobs = availableParallelism() }: Pick<SweepOptions, 'jobs'>): number {
  return jobs;
}
