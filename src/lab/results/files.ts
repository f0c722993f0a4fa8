/** Files that are whole or not there: written beside their place, then moved into it. */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function writeAtomically(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
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
