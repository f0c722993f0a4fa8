/** Finished runs, a file each: a sweep that is started again does only what is missing. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import type { PlannedRun } from '../config/experiment.ts';
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

interface Stored {
  readonly conditions: Conditions;
  /** Of the result as it was written: what is damaged is not taken for a result. */
  readonly sha256: string;
  readonly result: RunResult;
}

type Asked = Pick<PlannedRun, 'config' | 'dataFiles'>;

export interface RunStore {
  /** The result of a run that was finished under the same conditions, from files of the same bytes; undefined otherwise. */
  find(run: Asked): RunResult | undefined;
  save(result: RunResult): void;
}

export interface RunStoreOptions {
  /** Of the experiment; a run is `runs/<id>.json` there. */
  readonly folder: string;
  readonly conditions: Conditions;
  /** Told of files that are damaged: their runs count as not finished. */
  readonly warn: (message: string) => void;
}

export function runStore({ folder, conditions, warn }: RunStoreOptions): RunStore {
  const fileOf = (config: RunConfig) => join(folder, 'runs', `${runIdOf(config)}.json`);
  return {
    find(run) {
      const file = fileOf(run.config);
      if (!existsSync(file)) return undefined;
      try {
        return resultIn(file, run, conditions);
      } catch (error) {
        if (!(error instanceof DamagedFile)) throw error;
        warn(`${file} ${error.message}, so its run counts as not finished.`);
        return undefined;
      }
    },
    save: (result) =>
      writeAtomically(fileOf(result.config), jsonText({ conditions, sha256: sha256Of(result), result })),
  };
}

/** Says what is wrong with the file; reads on after its name. */
class DamagedFile extends Error {}

/** Other conditions or data are no damage: the file is whole, but of another run. */
function resultIn(file: string, { config, dataFiles }: Asked, conditions: Conditions): RunResult | undefined {
  const stored = parsed(file);
  if (!hasParts(stored)) throw new DamagedFile('does not hold the conditions and the result of a run');
  if (!isEqual(stored.conditions, conditions)) return undefined;
  if (sha256Of(stored.result) !== stored.sha256) throw new DamagedFile('is not what was written (by its SHA-256)');
  const result = JSON.parse(jsonText(stored.result), reviveNumbers) as RunResult;
  if (runIdOf(result.config) !== runIdOf(config)) throw new DamagedFile(`holds the run ${runIdOf(result.config)}`);
  return isEqual(result.dataFiles, dataFiles) ? result : undefined;
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

function sha256Of(result: unknown): string {
  return createHash('sha256').update(jsonText(result)).digest('hex');
}
