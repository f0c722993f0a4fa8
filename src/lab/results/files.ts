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
