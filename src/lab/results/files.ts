/** Files that are whole or not there: written beside their place, then moved into it. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from '../is-alive.ts';

export function writeAtomically(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

const unfinishedName = /\.(\d+)\.tmp$/;
/** Writing a file takes less; processes of other machines that share the folder can't be seen. */
const writtenWithinMs = 5_000;

/** Removes what processes left that were killed while they wrote below this folder. */
export function removeUnfinished(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const [, pid] = unfinishedName.exec(name) ?? [];
    const file = join(folder, name);
    if (pid !== undefined && !isAlive(Number(pid)) && ageMs(file) > writtenWithinMs) rmSync(file, { force: true });
  }
}

function ageMs(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
}

/** JSON on indented lines; numbers that JSON does not know as texts, so that nothing is lost: "Infinity", "NaN". */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, (_, entry: unknown) => (typeof entry === 'number' && !Number.isFinite(entry) ? String(entry) : entry), 1)}\n`;
}

/** For `JSON.parse`: the inverse of what `jsonText` does to numbers that JSON does not know. */
export function reviveNumbers(_: string, value: unknown): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return value === 'NaN' ? Number.NaN : value;
}
