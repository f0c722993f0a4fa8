/** Writes a plan: all of it, or nothing. */

import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../usage-error.ts';
import type { FileText, Plan } from './plan.ts';

/** @throws UsageError where a file can't be written or has come up meanwhile; what was written before is taken back. */
export function writePlan({ created, changed }: Plan): void {
  const undo: (() => void)[] = [];
  try {
    for (const file of created) create(file, undo);
    for (const file of changed) replace(file, undo); // last: the catalogue names only what is there
  } catch (cause) {
    for (const step of undo.reverse()) step();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Nothing was written: ${message}.`, { cause });
  }
}

function create({ path, text }: FileText, undo: (() => void)[]): void {
  const outermost = mkdirSync(dirname(path), { recursive: true });
  if (outermost !== undefined) undo.push(() => rmSync(outermost, { recursive: true }));
  writeNew({ path, text }, undo);
}

/** By a rename, so that nobody ever reads half of it. */
function replace({ path, text }: FileText, undo: (() => void)[]): void {
  const before = readFileSync(path);
  const temporary = `${path}.${process.pid}.tmp`;
  writeNew({ path: temporary, text }, undo);
  renameSync(temporary, path);
  undo.push(() => writeFileSync(path, before));
}

/** Refuses a file that is there; one that could be written in part only is taken back. */
function writeNew({ path, text }: FileText, undo: (() => void)[]): void {
  const file = openSync(path, 'wx');
  undo.push(() => rmSync(path, { force: true }));
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}
