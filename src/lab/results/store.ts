/** What became of each run, in a folder of its own: a sweep that is started again does only what is missing. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import type { PlannedRun } from '../config/experiment.ts';
import { sha256 } from '../sha256.ts';
import { jsonText, reviveNumbers, writeAtomically } from './files.ts';
import { runIdOf } from './run-id.ts';

/** Everything besides the configuration that a result depends on. */
export interface Conditions {
  readonly code: string;
  readonly engine: string;
  readonly threads: number;
  readonly noise: 'seeded' | 'secure';
  readonly dataDir?: string | undefined;
}

/** A finished run as it lies on disk. */
export interface StoredRun {
  readonly conditions: Conditions;
  readonly result: RunResult;
}

interface Stored extends StoredRun {
  /** Of the result as it was written: what is damaged is not taken for a result. */
  readonly sha256: string;
}

type Asked = Pick<PlannedRun, 'config' | 'dataFiles'>;

/** What `status.json` says. */
export type RunStatus =
  | { readonly state: 'running'; readonly pid: number; readonly started: string }
  | { readonly state: 'done'; readonly started: string; readonly ended: string }
  /** `failed`: the run threw, and would again. `crashed`: its process ended, or was ended; the next sweep tries again. */
  | ({ readonly state: 'failed' | 'crashed'; readonly started: string; readonly ended: string } & RunFailed);

export interface RunFailed {
  readonly message: string;
  readonly stack: string;
  /** The last lines that its process wrote. */
  readonly lastLines: readonly string[];
}

export interface RunStore {
  /** The result of a run that was finished under the same conditions, from files of the same bytes; undefined otherwise. */
  find(run: Asked): RunResult | undefined;
  /** Why the run failed under the same conditions; undefined where it did not. */
  findFailure(run: Asked): RunFailed | undefined;
  save(result: RunResult): void;
  saveStatus(config: RunConfig, status: RunStatus): void;
  /** All that the run's process writes. */
  logFile(config: RunConfig): string;
  /** Held by the process whose run it is. */
  leaseFile(config: RunConfig): string;
}

export interface RunStoreOptions {
  /** Of the experiment; a run is the folder `runs/<id>` there. */
  readonly folder: string;
  readonly conditions: Conditions;
  /** Told of files that are damaged: their runs count as not finished. */
  readonly warn: (message: string) => void;
}

export function runStore({ folder, conditions, warn }: RunStoreOptions): RunStore {
  const fileOf = (config: RunConfig, name: string) => join(folder, 'runs', runIdOf(config), name);
  return {
    find(run) {
      const file = fileOf(run.config, 'result.json');
      if (!existsSync(file)) return undefined;
      try {
        return resultIn(file, run, conditions);
      } catch (error) {
        if (!(error instanceof DamagedFile)) throw error;
        warn(`${file} ${error.message}, so its run counts as not finished.`);
        return undefined;
      }
    },
    findFailure({ config }) {
      const file = fileOf(config, 'status.json');
      const status = existsSync(file) ? statusIn(file) : undefined;
      return status?.state === 'failed' && isEqual(status.conditions, conditions) ? status : undefined;
    },
    save: (result) =>
      writeAtomically(
        fileOf(result.config, 'result.json'),
        jsonText({ conditions, sha256: sha256(jsonText(result)), result }),
      ),
    saveStatus: (config, status) => writeAtomically(fileOf(config, 'status.json'), jsonText({ ...status, conditions })),
    logFile: (config) => fileOf(config, 'log.txt'),
    leaseFile: (config) => fileOf(config, 'lease'),
  };
}

/**
 * The run in a folder `runs/<id>`, whatever code made it.
 * @throws RangeError where there is none, or where it is damaged.
 */
export function readStoredRun(folder: string): StoredRun {
  const file = join(folder, 'result.json');
  if (!existsSync(file)) throw new RangeError(`there is no finished run in "${folder}": it has no result.json.`);
  try {
    const { conditions, result } = wholeIn(file);
    return { conditions, result: JSON.parse(jsonText(result), reviveNumbers) as RunResult };
  } catch (error) {
    if (error instanceof DamagedFile) throw new RangeError(`${file} ${error.message}.`, { cause: error });
    throw error;
  }
}

/** A damaged status is as good as none: the run is made again. */
function statusIn(file: string): (RunStatus & { readonly conditions?: unknown }) | undefined {
  try {
    return parsed(file) as RunStatus;
  } catch (error) {
    if (error instanceof DamagedFile) return undefined;
    throw error;
  }
}

/** Says what is wrong with the file; reads on after its name. */
class DamagedFile extends Error {}

/** Other conditions or data are no damage: the file is whole, but of another run. */
function resultIn(file: string, { config, dataFiles }: Asked, conditions: Conditions): RunResult | undefined {
  const stored = wholeIn(file, conditions);
  if (!stored) return undefined;
  const result = JSON.parse(jsonText(stored.result), reviveNumbers) as RunResult;
  if (runIdOf(result.config) !== runIdOf(config)) throw new DamagedFile(`holds the run ${runIdOf(result.config)}`);
  return isEqual(result.dataFiles, dataFiles) ? result : undefined;
}

function wholeIn(file: string): Stored;
function wholeIn(file: string, conditions: Conditions): Stored | undefined;
function wholeIn(file: string, conditions?: Conditions): Stored | undefined {
  const stored = parsed(file);
  if (!hasParts(stored)) throw new DamagedFile('does not hold the conditions and the result of a run');
  if (conditions && !isEqual(stored.conditions, conditions)) return undefined;
  if (sha256(jsonText(stored.result)) !== stored.sha256)
    throw new DamagedFile('is not what was written (by its SHA-256)');
  return stored;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DamagedFile(`cannot be read (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
}

function hasParts(stored: unknown): stored is Stored {
  const { conditions, result } = (stored ?? {}) as { readonly [part in keyof Stored]?: unknown };
  return [conditions, result].every((part) => typeof part === 'object' && part !== null);
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
