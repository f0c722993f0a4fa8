/**
 * What phases of runs made, each stored once under the hash of everything it depends on. An entry is a folder, whole or not
 * there: `phase.json` (what it depends on, checksums, the value) and `arrays.safetensors` (the arrays that the value names).
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type Json } from '../config/values.ts';
import { jsonText, reviveNumbers } from '../results/files.ts';
import { sha256 } from '../sha256.ts';
import { fromDocument, toDocument } from './document.ts';
import { ifFree, isLeased, underLease } from './lease.ts';
import { fromSafetensors, toSafetensors } from './safetensors.ts';

/** The phases whose outcome is kept; scoring is too quick to be worth it. */
export type PhaseName = 'train' | 'messages' | 'record' | 'attack';

export interface PhaseRequest {
  readonly phase: PhaseName;
  /** Everything that the outcome depends on, as plain JSON. */
  readonly inputs: unknown;
}

export interface PhaseStore {
  /** The stored outcome; made and stored where it is not there. At most one process makes it, the others wait. */
  getOrMake<T>(request: PhaseRequest, make: () => Promise<T>): Promise<T>;
  /** The same, but undefined where another process is making it. */
  getOrMakeIfFree<T>(request: PhaseRequest, make: () => Promise<T>): Promise<T | undefined>;
}

/** How `getOrMake` finds what is stored, for who only looks. */
export interface StoredPhases {
  has(request: PhaseRequest): boolean;
  /** Whether it is neither stored nor being made. */
  isFree(request: PhaseRequest): boolean;
  forget(request: PhaseRequest): void;
}

export interface PhaseStoreOptions {
  readonly folder: string;
  /** Told of entries that can't be read, which are made again. */
  readonly warn: (message: string) => void;
  /** Ends waiting for another process. */
  readonly stop?: AbortSignal | undefined;
}

interface Entry {
  readonly inputs: unknown;
  readonly sha256: { readonly value: string; readonly arrays: string };
  readonly value: unknown;
}

const documentFile = 'phase.json';
const arraysFile = 'arrays.safetensors';

/** The first 16 hexadecimal digits of the SHA-256 of the inputs. */
export function phaseKey({ inputs }: PhaseRequest): string {
  return sha256(canonicalJson(inputs as Json)).slice(0, 16);
}

export function storedPhases(folder: string): StoredPhases {
  return {
    has: (request) => existsSync(placeOf(folder, request)),
    isFree: (request) => !existsSync(placeOf(folder, request)) && !isLeased(leaseOf(folder, request)),
    forget: (request) => rmSync(placeOf(folder, request), { recursive: true, force: true }),
  };
}

/** The name of its folder. */
export function entryName(request: PhaseRequest): string {
  return `${request.phase}-${phaseKey(request)}`;
}

function placeOf(folder: string, request: PhaseRequest): string {
  return join(folder, entryName(request));
}

function leaseOf(folder: string, request: PhaseRequest): string {
  return `${placeOf(folder, request)}.lease`;
}

export function phaseStore({ folder, warn, stop }: PhaseStoreOptions): PhaseStore {
  const findOrMake = async <T>(request: PhaseRequest, make: () => Promise<T>): Promise<T> => {
    const place = placeOf(folder, request);
    const stored = find(place, warn);
    return (stored ? stored.value : saveUnlessThere(place, request, { made: await make(), warn })) as T;
  };
  const found = (request: PhaseRequest) => find(placeOf(folder, request), warn);
  return {
    async getOrMake<T>(request: PhaseRequest, make: () => Promise<T>): Promise<T> {
      const stored = found(request);
      if (stored) return stored.value as T;
      return underLease(leaseOf(folder, request), () => findOrMake(request, make), stop);
    },
    async getOrMakeIfFree<T>(request: PhaseRequest, make: () => Promise<T>): Promise<T | undefined> {
      const stored = found(request);
      if (stored) return stored.value as T;
      return ifFree(leaseOf(folder, request), () => findOrMake(request, make));
    },
  };
}

/** Without the folder only what is asked for is made: for runs whose parts nobody will ask for again. */
export const noPhaseStore: PhaseStore = { getOrMake: (_, make) => make(), getOrMakeIfFree: (_, make) => make() };

function find(place: string, warn: (message: string) => void): { readonly value: unknown } | undefined {
  if (!existsSync(place)) return undefined;
  try {
    const value = read(place);
    touch(place);
    return { value };
  } catch (error) {
    warn(`${place} is damaged (${error instanceof Error ? error.message : error}) and is made again.`);
    rmSync(place, { recursive: true, force: true });
    return undefined;
  }
}

/** @throws Error where a file is missing, is not what was written, or is no such file. */
function read(place: string): unknown {
  const entry = JSON.parse(readFileSync(join(place, documentFile), 'utf8')) as Entry;
  const bytes = readFileSync(join(place, arraysFile));
  if (sha256(jsonText(entry.value)) !== entry.sha256.value) throw new Error(`${documentFile} is not what was written`);
  if (sha256(bytes) !== entry.sha256.arrays) throw new Error(`${arraysFile} is not what was written`);
  const json = JSON.parse(jsonText(entry.value), reviveNumbers) as unknown;
  return fromDocument({ json, arrays: fromSafetensors(bytes) });
}

/** Pruning goes by when an entry was last used. */
function touch(place: string): void {
  const now = new Date();
  utimesSync(place, now, now);
}

/**
 * Gives what is stored in the end: the lease of a process that was paused for long may have been taken over, and who was first
 * stays, so that all who ask for an outcome have the same one.
 */
function saveUnlessThere(place: string, request: PhaseRequest, { made, warn }: Made): unknown {
  const unfinished = write(place, request, made);
  try {
    while (!moveInto(place, unfinished)) {
      const stored = find(place, warn); // a damaged one is gone after that
      if (stored) return stored.value;
    }
    return made;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

interface Made {
  readonly made: unknown;
  readonly warn: (message: string) => void;
}

/** False where there is such an entry already. */
function moveInto(place: string, unfinished: string): boolean {
  try {
    renameSync(unfinished, place);
    return true;
  } catch (error) {
    if (existsSync(place)) return false; // ENOTEMPTY, EEXIST or EPERM, as the system has it
    throw error;
  }
}

/** Into a folder of its own beside the place; its name. */
function write(place: string, { inputs }: PhaseRequest, value: unknown): string {
  const { json, arrays } = toDocument(value);
  const bytes = toSafetensors(arrays);
  const entry: Entry = { inputs, sha256: { value: sha256(jsonText(json)), arrays: sha256(bytes) }, value: json };
  const unfinished = `${place}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`; // pids are unique on one machine only
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, documentFile), jsonText(entry));
  writeFileSync(join(unfinished, arraysFile), bytes);
  return unfinished;
}
