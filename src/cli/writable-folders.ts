/** Folders that a command writes to: looked at and made before anything starts, so that an hour's work has its place. */

import { mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

export interface FolderOption {
  /** As it is typed: `--out`. */
  readonly option: string;
  readonly path: string;
}

/** @throws UsageError for a path that is empty, a file, or below a file. Writes nothing. */
export function requireFolders(folders: readonly FolderOption[]): void {
  for (const { option, path } of folders) missingBelow(option, path);
}

/** @throws UsageError where one can't be made or written to; none of them is left behind then. */
export function makeFolders(folders: readonly FolderOption[]): void {
  requireFolders(folders);
  const made: string[] = [];
  try {
    for (const { option, path } of folders) makeFolder({ option, path }, made);
  } catch (error) {
    for (const path of made.reverse()) removeEmpty(path);
    throw error;
  }
}

/** One level after the other: Node's `recursive` never ends where a system refuses with ENOENT, as /proc does. */
function makeFolder({ option, path }: FolderOption, made: string[]): void {
  try {
    for (const level of missingBelow(option, path)) {
      if (makeUnlessThere(level)) made.push(level);
    }
    const probe = join(path, `.cutlayer-${process.pid}.tmp`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof UsageError) throw cause;
    const message = `${option} must be a folder that can be written to, but "${path}" is none (${cause.message}).`;
    throw new UsageError(`${message} Choose another, or change its rights.`, { cause });
  }
}

/** Of two commands that start at once, one finds what the other made. */
function makeUnlessThere(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && kindOf(path) === 'folder') return false;
    throw error;
  }
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {} // another command has begun to use it
}

/** The folders that are not there yet, the outermost first. */
function missingBelow(option: string, path: string): string[] {
  if (path === '') throw new UsageError(`${option} must be a folder, but is empty. Name one, or leave ${option} out.`);
  const missing: string[] = [];
  let level = resolve(path);
  for (; kindOf(level) === 'none' && dirname(level) !== level; level = dirname(level)) missing.unshift(level);
  if (kindOf(level) !== 'file') return missing;
  const where = missing.length > 0 ? `"${path}" lies below the file "${level}"` : `"${path}" is a file`;
  throw new UsageError(`${option} must be a folder, but ${where}. Choose another.`);
}

/** What lies below a file is not there; the file itself is found on the way up. */
function kindOf(path: string): 'none' | 'file' | 'folder' {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return 'none';
    return found.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return 'none';
    return 'folder'; // one that may not be looked into is refused where it is written to
  }
}
