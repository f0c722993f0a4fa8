/** Values that are put in place of others, by `--set` and by the grid, and where they do not fit what is there. */

import { counted } from '../../arrays/counted.ts';
import { shown } from './option-schema.ts';
import { type ConfigPath, pathText } from './problems.ts';
import { isRecord, type Json, setAt, valueAt } from './values.ts';

export interface Override {
  readonly path: ConfigPath;
  readonly value: Json;
}

export interface Misfit<Own extends Override> {
  readonly override: Own;
  /** The value that has no such part. */
  readonly at: ConfigPath;
  /** A sentence without its full stop. */
  readonly message: string;
}

export function overridden(root: Json, overrides: readonly Override[]): Json {
  return overrides.reduce((values, { path, value }) => setAt(values, path, value), root);
}

/**
 * The first override whose path leads through something that has no such part: what came out would be a value that nobody wrote.
 * Records that are missing are made; an entry of a list only where its name is given as well.
 */
export function misfitOf<Own extends Override>(root: Json, overrides: readonly Own[]): Misfit<Own> | undefined {
  const last = overridden(root, overrides);
  let values = root;
  for (const override of overrides) {
    const wrong = wrongStep(override.path, { before: values, last });
    if (wrong) return { override, ...wrong };
    values = setAt(values, override.path, override.value);
  }
  return undefined;
}

function wrongStep(path: ConfigPath, { before, last }: { readonly before: Json; readonly last: Json }) {
  for (const [depth, step] of path.entries()) {
    const at = path.slice(0, depth);
    const outer = valueAt(before, at) ?? undefined;
    const message =
      typeof step === 'number'
        ? noEntry(at, step, { outer, isNamed: isNamed(valueAt(last, [...at, step])) })
        : noKey(at, step, outer);
    if (message !== undefined) return { at, message };
  }
  return undefined;
}

function noEntry(at: ConfigPath, step: number, { outer, isNamed }: { outer: Json; isNamed: boolean }) {
  if (outer !== undefined && !Array.isArray(outer))
    return `${pathText(at) || 'the experiment'} is ${shown(outer)}, no list with entries`;
  const count = outer?.length ?? 0;
  if (step < count || (step === count && isNamed)) return undefined;
  return `there is no ${pathText([...at, step])} to change: ${pathText(at)} has ${counted(count, 'entry', 'entries')}`;
}

function noKey(at: ConfigPath, step: string, outer: Json): string | undefined {
  if (outer === undefined || isRecord(outer)) return undefined;
  if (!Array.isArray(outer)) return `${pathText(at)} is ${shown(outer)} and has no "${step}"`;
  return `${pathText(at)} is a list: name an entry, as in ${pathText([...at, 0, step])}`;
}

/** Entries of lists that may be changed are told apart by their names; others (seeds) are whole values. */
function isNamed(entry: Json): boolean {
  return !isRecord(entry) || entry['name'] !== undefined;
}
