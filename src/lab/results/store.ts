/** Finished runs, a file each: a sweep that is started again does only what is missing. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import type { PlannedRun } from '../config/experiment.ts';
import { jsonText, writeAtomically } from './files.ts';
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
  readonly result: RunResult;
}

export interface RunStore {
  /** The result of a run that was finished under the same conditions, from files of the same bytes; undefined otherwise. */
  find(run: PlannedRun): RunResult | undefined;
  save(result: RunResult): void;
}

export function runStore(folder: string, conditions: Conditions): RunStore {
  const fileOf = (config: RunConfig) => join(folder, 'runs', `${runIdOf(config)}.json`);
  return {
    find({ config, dataFiles }) {
      const file = fileOf(config);
      if (!existsSync(file)) return undefined;
      const { conditions: then, result } = JSON.parse(readFileSync(file, 'utf8'), reviveNumbers) as Stored;
      const isSame = isEqual(then, conditions) && isEqual(result.dataFiles, dataFiles);
      return isSame ? result : undefined;
    },
    save: (result) => writeAtomically(fileOf(result.config), jsonText({ conditions, result })),
  };
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The inverse of what `jsonText` does to numbers that JSON does not know. */
function reviveNumbers(_: string, value: unknown): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return value === 'NaN' ? Number.NaN : value;
}
