/** Finished runs, a file each: a sweep that is started again does only what is missing. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
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
  /** The result of a run that was finished under the same conditions, from the same data; undefined otherwise. */
  find(config: RunConfig): RunResult | undefined;
  save(result: RunResult): void;
}

export function runStore(folder: string, conditions: Conditions): RunStore {
  const fileOf = (config: RunConfig) => join(folder, 'runs', `${runIdOf(config)}.json`);
  const sameFiles = fileChecker();
  return {
    find(config) {
      const file = fileOf(config);
      if (!existsSync(file)) return undefined;
      const { conditions: then, result } = JSON.parse(readFileSync(file, 'utf8'), reviveNumbers) as Stored;
      const isSame = JSON.stringify(then) === JSON.stringify(conditions) && sameFiles(result.dataFiles);
      return isSame ? result : undefined;
    },
    save: (result) => writeAtomically(fileOf(result.config), jsonText({ conditions, result })),
  };
}

/** The inverse of what `jsonText` does to numbers that JSON does not know. */
function reviveNumbers(_: string, value: unknown): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return value === 'NaN' ? Number.NaN : value;
}

/** Whether files still have the bytes that a result was made from; each is read once. */
function fileChecker(): (files: RunResult['dataFiles']) => boolean {
  const known = new Map<string, string | undefined>();
  const checksum = (file: string) => {
    if (!known.has(file)) known.set(file, existsSync(file) ? sha256(file) : undefined);
    return known.get(file);
  };
  return (files) => files.every(({ file, sha256: then }) => checksum(file) === then);
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
