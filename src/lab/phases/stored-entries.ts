/** What lies in a folder of phases, for people who want to see and prune it. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isLeased } from './lease.ts';
import type { PhaseName } from './store.ts';

export interface StoredEntry {
  readonly phase: PhaseName;
  readonly key: string;
  readonly bytes: number;
  /** Since it was made or last used. */
  readonly ageDays: number;
}

const entryName = /^(train|messages|record|attack)-([0-9a-f]{16})$/;
/** Left behind by processes that were killed while they wrote. */
const unfinishedName = /^(train|messages|record|attack)-[0-9a-f]{16}\.[\w-]+\.tmp$/;
const msPerDay = 86_400_000;

/** Oldest first; none where there is no such folder. */
export function storedEntries(folder: string): StoredEntry[] {
  return namesIn(folder)
    .flatMap((name) => {
      const [, phase, key] = entryName.exec(name) ?? [];
      if (!key) return [];
      const ageDays = (Date.now() - statSync(join(folder, name)).mtimeMs) / msPerDay;
      return [{ phase: phase as PhaseName, key, bytes: bytesBelow(join(folder, name)), ageDays }];
    })
    .sort((a, b) => b.ageDays - a.ageDays || a.key.localeCompare(b.key));
}

/** Removes what was last used longer ago, and what killed processes left; nothing that is being made. Gives what it removed. */
export function pruneEntries(folder: string, olderThanDays: number): StoredEntry[] {
  const old = storedEntries(folder).filter(({ ageDays }) => ageDays >= olderThanDays);
  const removed = old.filter(({ phase, key }) => !isBusy(folder, `${phase}-${key}`));
  for (const { phase, key } of removed) remove(folder, `${phase}-${key}`);
  removeUnfinishedEntries(folder);
  return removed;
}

/** What killed processes left. */
export function removeUnfinishedEntries(folder: string): void {
  const unfinished = namesIn(folder).filter((name) => unfinishedName.test(name));
  for (const name of unfinished) {
    if (!isBusy(folder, name.slice(0, name.indexOf('.')))) remove(folder, name);
  }
}

const isBusy = (folder: string, entry: string) => isLeased(join(folder, `${entry}.lease`));
const remove = (folder: string, name: string) => rmSync(join(folder, name), { recursive: true, force: true });

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function bytesBelow(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
