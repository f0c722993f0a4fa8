/** What became of each run, in a folder of its own: a sweep that is started again does only what is missing. */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import type { PlannedRun } from '../config/experiment.ts';
import { sha256 } from '../sha256.ts';
import { areSame, type Conditions, otherMachine } from './conditions.ts';
import { jsonText, reviveNumbers, writeAtomically } from './files.ts';
import type { Origin } from './origin.ts';
import { runIdOf } from './run-id.ts';
import { type RunFailed, type RunStatus, statusIn } from './run-status.ts';

/** A finished run as it lies on disk. */
export interface StoredRun {
  readonly conditions: Conditions;
  readonly origin: Origin;
  readonly result: RunResult;
}

interface Stored extends StoredRun {
  /** Of the result as it was written: what is damaged is not taken for a result. */
  readonly sha256: string;
}

type Asked = Pick<PlannedRun, 'config' | 'dataFiles'>;

export interface RunStore {
  readonly conditions: Conditions;
  readonly origin: Origin;
  /** The result of a run that was finished under the same conditions, from files of the same bytes; undefined otherwise. */
  find(run: Asked): StoredRun | undefined;
  /** Why the run failed under the same conditions; undefined where it did not. */
  findFailure(run: Asked): RunFailed | undefined;
  save(result: RunResult): StoredRun;
  saveStatus(config: RunConfig, status: RunStatus): void;
  /** All that the run's process writes, or that a second or further one writes that helps it. */
  logFile(config: RunConfig, process?: number): string;
  /** Of an earlier try. */
  removeLogs(config: RunConfig): void;
  /** Held by the process whose run it is. */
  leaseFile(config: RunConfig): string;
}

export interface RunStoreOptions {
  /** Of the experiment; a run is the folder `runs/<id>` there. */
  readonly folder: string;
  readonly conditions: Conditions;
  /** Of the runs that are saved. */
  readonly origin: Origin;
  /** Told of files that are damaged, or were made on another machine: their runs count as not finished. */
  readonly warn: (message: string) => void;
}

export function runStore({ folder, conditions, origin, warn }: RunStoreOptions): RunStore {
  const fileOf = (config: RunConfig, name: RunFile) => runFile(folder, config, name);
  return {
    ...{ conditions, origin },
    find(run) {
      const file = fileOf(run.config, 'result.json');
      if (!existsSync(file)) return undefined;
      try {
        const stored = storedIn(file);
        if (areSame(stored.conditions, conditions)) return ofRun(checked(stored), run);
        for (const difference of otherMachine(stored.conditions, conditions)) {
          warn(`runs in ${folder} were made with ${difference}, which may give other figures; they are made again.`);
        }
        return undefined;
      } catch (error) {
        if (!(error instanceof DamagedFile)) throw error;
        warn(`${file} ${error.message}, so its run counts as not finished.`);
        return undefined;
      }
    },
    findFailure({ config }) {
      const file = fileOf(config, 'status.json');
      const status = statusIn(file);
      return status?.state === 'failed' && areSame(status.conditions, conditions) ? status : undefined;
    },
    save(result) {
      const text = jsonText({ conditions, origin, sha256: sha256(jsonText(result)), result });
      writeAtomically(fileOf(result.config, 'result.json'), text);
      return { conditions, origin, result };
    },
    saveStatus: (config, status) => writeAtomically(fileOf(config, 'status.json'), jsonText({ ...status, conditions })),
    logFile: (config, process = 1) => fileOf(config, process === 1 ? 'log.txt' : `log-${process}.txt`),
    removeLogs(config) {
      const own = join(folder, 'runs', runIdOf(config));
      const logs = existsSync(own) ? readdirSync(own).filter((name) => /^log(-\d+)?\.txt$/.test(name)) : [];
      for (const log of logs) rmSync(join(own, log), { force: true });
    },
    leaseFile: (config) => fileOf(config, 'lease'),
  };
}

/** Galleries of hundreds of runs would fill the memory. `readStoredRun` has them. */
export function withoutGalleries({ result, ...run }: StoredRun): StoredRun {
  const attacks = result.attacks.map((attack) => ({
    ...attack,
    gallery: { ...attack.gallery, originals: [], reconstructions: [] },
  }));
  return { ...run, result: { ...result, attacks } };
}

type RunFile = 'result.json' | 'status.json' | 'log.txt' | `log-${number}.txt` | 'lease';

/** Where one of a run's files lies in the folder of its experiment. */
export function runFile(folder: string, config: RunConfig, name: RunFile): string {
  return join(folder, 'runs', runIdOf(config), name);
}

/**
 * The run in a folder `runs/<id>`, whatever code made it.
 * @throws RangeError where there is none, or where it is damaged.
 */
export function readStoredRun(folder: string): StoredRun {
  const file = join(folder, 'result.json');
  if (!existsSync(file))
    throw new RangeError(
      `there is no finished run in "${folder}": it has no result.json. Name the folder of a run, as in results/runs/NAME/runs/ID.`,
    );
  try {
    return checked(storedIn(file));
  } catch (error) {
    if (error instanceof DamagedFile) throw new RangeError(`${file} ${error.message}.`, { cause: error });
    throw error;
  }
}

/** Says what is wrong with the file; reads on after its name. */
class DamagedFile extends Error {}

/** Other data are no damage: the file is whole, but of another run. */
function ofRun(stored: StoredRun, { config, dataFiles }: Asked): StoredRun | undefined {
  const id = runIdOf(stored.result.config);
  if (id !== runIdOf(config)) throw new DamagedFile(`holds the run ${id}`);
  return JSON.stringify(stored.result.dataFiles) === JSON.stringify(dataFiles) ? stored : undefined;
}

function storedIn(file: string): Stored {
  const stored = parsed(file);
  if (!hasParts(stored)) throw new DamagedFile('does not hold the conditions and the result of a run');
  return stored;
}

function checked({ conditions, origin, result, sha256: written }: Stored): StoredRun {
  const text = jsonText(result);
  if (sha256(text) !== written) throw new DamagedFile('is not what was written (by its SHA-256)');
  return { conditions, origin, result: JSON.parse(text, reviveNumbers) as RunResult };
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
