/**
 * Work that only one process may do at a time, on one machine or on several that share a folder: the holder of a lease file
 * touches it while it works. A lease whose holder is dead, or silent for too long, is taken over.
 */

import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../is-alive.ts';

const heartbeatMs = 2_000;
/** A process that computes may be silent for a while, but not for this long. */
const silentMs = 60_000;
const pollMs = 100;

/** Waits for the lease, works, and gives it back. Rejects with the signal's reason where it is aborted while waiting. */
export async function underLease<T>(file: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let lease = tryLease(file);
  while (!lease) {
    await sleep(pollMs, undefined, { signal });
    lease = tryLease(file);
  }
  return whileHeld(lease, work);
}

/** Works under the lease; undefined while another process has it. */
export async function ifFree<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  const lease = tryLease(file);
  return lease && whileHeld(lease, work);
}

async function whileHeld<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    lease.giveBack();
  }
}

export interface Lease {
  giveBack(): void;
}

/** The lease, or undefined while another process has it. */
export function tryLease(file: string): Lease | undefined {
  mkdirSync(dirname(file), { recursive: true });
  if (!create(file) && !(isAbandoned(file) && takeOver(file))) return undefined;
  const isOwn = () => holderOf(file) === ownName; // no longer where another process took it over
  const heartbeat = setInterval(() => isOwn() && touch(file), heartbeatMs);
  heartbeat.unref();
  return {
    giveBack() {
      clearInterval(heartbeat);
      if (isOwn()) rmSync(file, { force: true });
    },
  };
}

/** Whether a process, alive as far as one can see, has the lease. */
export function isLeased(file: string): boolean {
  return holderOf(file) !== undefined && !isAbandoned(file);
}

const ownName = `${process.pid} on ${hostname()}`;

function create(file: string): boolean {
  try {
    writeFileSync(file, ownName, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(file: string): boolean {
  const holder = holderOf(file);
  const age = ageOf(file);
  if (holder === undefined || age === undefined) return false; // given back meanwhile
  if (age > silentMs) return true;
  const [pid = '', host] = holder.split(' on ');
  return host === hostname() && !isAlive(Number(pid)) && age > pollMs; // a lease just made may not have its name yet
}

/** Of several that try at once one gets the guard; it looks again, since another may have been there just before. */
function takeOver(file: string): boolean {
  const guard = `${file}.takeover`;
  if (!create(guard)) {
    if ((ageOf(guard) ?? 0) > silentMs) rmSync(guard, { force: true }); // its owner died within these few lines
    return false;
  }
  try {
    if (!isAbandoned(file)) return false;
    rmSync(file, { force: true });
    return create(file);
  } finally {
    rmSync(guard, { force: true });
  }
}

function holderOf(file: string): string | undefined {
  return whereThere(() => readFileSync(file, 'utf8'));
}

function ageOf(file: string): number | undefined {
  return whereThere(() => Date.now() - statSync(file).mtimeMs);
}

function touch(file: string): void {
  const now = new Date();
  whereThere(() => utimesSync(file, now, now));
}

function whereThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
