/** What `status.json` says of a run. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeased } from '../phases/lease.ts';
import type { Conditions } from './conditions.ts';

export type RunStatus =
  | { readonly state: 'running'; readonly pid: number; readonly started: string }
  | {
      readonly state: 'done';
      readonly started: string;
      readonly ended: string;
      /** Entries of the cache that the run made or used. */
      readonly phases?: readonly string[];
    }
  /** By Ctrl-C or a signal. */
  | { readonly state: 'interrupted'; readonly started: string; readonly ended?: string }
  /**
   * `failed`: the run threw, and would again. `crashed`: its process ended or was ended, or the machine had no space or no
   * rights; the next sweep tries again.
   */
  | ({ readonly state: 'failed' | 'crashed'; readonly started: string; readonly ended: string } & RunFailed);

export interface RunFailed {
  readonly message: string;
  readonly stack: string;
  /** The last lines that its process wrote. */
  readonly lastLines: readonly string[];
}

export type WrittenStatus = RunStatus & { readonly conditions: Conditions };

/** A damaged status is as good as none. */
export function statusIn(file: string): WrittenStatus | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WrittenStatus;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * How it is with the run in a folder `runs/<id>`; undefined where it was not begun. Whoever was killed could not write so: a run
 * is running only as long as somebody holds its lease.
 */
export function runStatus(folder: string): RunStatus | undefined {
  const status = statusIn(join(folder, 'status.json'));
  if (status?.state !== 'running' || isLeased(join(folder, 'lease'))) return status;
  return { state: 'interrupted', started: status.started };
}
