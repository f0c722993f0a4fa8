/** Whether a run gives the same numbers again. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../contracts/experiment.ts';
import type { StoredRun } from './results/store.ts';
import { runWorkers } from './run-workers.ts';

export interface ReproOptions {
  readonly worker: URL;
  readonly signal: AbortSignal;
  readonly onProgress: (phase: string, share: number) => void;
  readonly onWarning: (message: string) => void;
}

export interface Difference {
  /** As in `attacks.0.scores.1.leakage`. */
  readonly path: string;
  readonly before: Leaf;
  readonly after: Leaf;
}

type Leaf = number | string | boolean | null | undefined;

export interface Reproduction {
  /** Figures that were compared. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/** Runs it again, every phase anew, on the engine and device and with the threads of then. Rejects with a RunFailure where it fails. */
export async function reproduce({ conditions, result }: StoredRun, options: ReproOptions): Promise<Reproduction> {
  const folder = mkdtempSync(join(tmpdir(), 'cutlayer-repro-'));
  const workers = runWorkers(options.worker);
  try {
    const { engine, threads, device, noise, dataDir } = conditions;
    const request = {
      kind: 'run',
      config: result.config,
      ...{ engine, threads, device, noise, dataDir },
      ...{ phases: undefined, moments: undefined },
    } as const;
    const again = await workers.run(request, { ...options, stop: options.signal, logFile: join(folder, 'log.txt') });
    options.signal.throwIfAborted();
    if (!again) throw new Error('the run ended without a result.');
    return compareResults(result, again);
  } finally {
    workers.end();
    rmSync(folder, { recursive: true });
  }
}

/** What took time is no figure of the result. */
const ignored = /(^timings\.)|\.seconds$/;

export function compareResults(then: RunResult, now: RunResult): Reproduction {
  const [old, again] = [leavesOf(then), leavesOf(now)];
  const paths = [...new Set([...old.keys(), ...again.keys()])].filter((path) => !ignored.test(path));
  const differences = paths
    .map((path) => ({ path, before: old.get(path), after: again.get(path) }))
    .filter((entry) => !Object.is(entry.before, entry.after));
  return { compared: paths.length, differences };
}

/** Every figure, text and switch of a value under its path. */
function leavesOf(value: unknown, path = '', leaves = new Map<string, Leaf>()): Map<string, Leaf> {
  if (value !== null && typeof value === 'object') {
    for (const [key, part] of Object.entries(value)) leavesOf(part, path === '' ? key : `${path}.${key}`, leaves);
  } else if (value !== undefined) leaves.set(path, value as Leaf);
  return leaves;
}
