import type { RunConfig } from '../contracts/experiment.ts';
import type { PlannedPhases } from './phases/plan.ts';
import type { SweepOptions } from './sweep.ts';
import type { RunRequest } from './worker-messages.ts';

/** What a sweep asks of the process that does a run, or helps with it. */
export function requestOf(
  kind: RunRequest['kind'],
  { run, phases: { moments } }: { readonly run: { readonly config: RunConfig }; readonly phases: PlannedPhases },
  options: SweepOptions,
): RunRequest {
  const { engine, threads, device, noise, dataDir, phases, recordedRounds } = options;
  return { kind, config: run.config, engine, threads, device, noise, dataDir, phases, moments, recordedRounds };
}
