/** What `cutlayer run` says before it runs: what is done, what is missing, and what that will take. */

import { counted } from '../arrays/counted.ts';
import type { Experiment } from '../lab/config/experiment.ts';
import type { SweepPlan } from '../lab/plan.ts';
import { configurationLabel } from '../lab/results/configuration-label.ts';
import { runIdOf } from '../lab/results/run-id.ts';
import { runFile } from '../lab/results/store.ts';
import { table } from './table.ts';

/** For `--dry-run --json`. */
export function planDocument({ runs }: Experiment, plan: SweepPlan): object {
  const { folder, finished, failed, phases, bytes, seconds } = plan;
  const rows = runs.map((config, index) => ({
    run_id: runIdOf(config),
    finished: finished[index] !== undefined,
    failed: failed[index]?.message ?? null,
    config,
  }));
  return { dir: folder, runs: rows, phases, phase_bytes: bytes, expected_seconds: seconds ?? null };
}

export function planLines(experiment: Experiment, plan: SweepPlan): string[] {
  const { name, runs } = experiment;
  const rows = runs.map((config, index) => [
    runIdOf(config),
    stateOf(plan, index),
    `seed ${config.seed}`,
    configurationLabel(config, runs),
  ]);
  return [
    `${name}: ${counted(runs.length, 'run')}, ${plan.jobs} at a time, results in ${plan.folder} (nothing was run)`,
    ...table(rows),
    ...failures(experiment, plan),
    ...needs(plan),
  ];
}

function stateOf({ finished, failed }: SweepPlan, index: number): string {
  if (finished[index]) return 'finished';
  return failed[index] ? 'failed' : 'to run';
}

function failures({ runs }: Experiment, { folder, failed }: SweepPlan): string[] {
  const lines = runs.flatMap((config, index) => {
    const failure = failed[index];
    return failure
      ? [`${runIdOf(config)}: ${failure.message}`, `  its log: ${runFile(folder, config, 'log.txt')}`]
      : [];
  });
  return lines.length > 0 ? ['', 'Failed before (--retry-failed runs them again):', ...lines] : [];
}

/** `name: 8 runs, 3 of them finished before (--fresh runs them again), 2 at a time; results in …`. */
export function startLine({ name, runs }: Experiment, plan: SweepPlan): string {
  const { finished, failed, folder, jobs } = plan;
  const kept = said(finished, 'finished before (--fresh runs them again)');
  const given = said(failed, 'failed before (--retry-failed runs them again)');
  return `${name}: ${counted(runs.length, 'run')}${kept}${given}, ${jobs} at a time; results in ${folder}${sizeOf(plan)}\n`;
}

function said(entries: readonly unknown[], what: string): string {
  const count = entries.filter((entry) => entry !== undefined).length;
  return count > 0 ? `, ${count} of them ${what}` : '';
}

function sizeOf({ bytes, phases }: SweepPlan): string {
  return bytes > 0
    ? `; about ${megabytes(bytes)} of trained victims and recorded ${phases.messages ? 'messages and ' : ''}views are kept`
    : '';
}

/** What the missing runs share, and how long they will take. */
function needs({ phases, bytes, seconds, jobs }: SweepPlan): string[] {
  const { train, record, attack, messages } = phases;
  if (train.needed === 0) return [];
  const shared = [
    `${counted(train.needed, 'training')} (${train.stored} stored)`,
    ...(messages ? [`${counted(messages.needed, 'recording')} of messages (${messages.stored})`] : []),
    `${counted(record.needed, 'view')} (${record.stored})`,
    `${counted(attack.needed, 'attack')} (${attack.stored})`,
  ].join(', ');
  const time = seconds === undefined ? 'time unknown, no run is finished' : `about ${duration(seconds / jobs)}`;
  return ['', `To do: ${shared}; ${time}; ${megabytes(bytes)} on disk.`];
}

function megabytes(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
