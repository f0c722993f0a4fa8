/** The grid of an experiment: which values stand together in a run, and what of it makes no sense. */

import { didYouMean } from './did-you-mean.ts';
import { evaluated, evaluateList, looksLikeExpression } from './expression.ts';
import { shown } from './option-schema.ts';
import { misfitOf, type Override } from './overrides.ts';
import { type ConfigPath, liesWithin, type Problem } from './problems.ts';
import { experimentKeys } from './schema.ts';
import { type Source, stepsOf } from './source.ts';
import { isRecord, type Json, valueAt } from './values.ts';

/** One value that a run has from the grid. */
export interface Point extends Override {
  /** Where it is written: `['grid', 'model.cut', 1]`. */
  readonly at: ConfigPath;
  /** The list that it is of: `['grid', 'model.cut']`. */
  readonly axis: ConfigPath;
}

/** What one run has from the grid. */
export type Combination = readonly Point[];

/** `grid.defenses[2]`: its third value. */
export function elementOf({ at }: Point): string {
  return at.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

export interface Grid {
  /** Of each axis its values; of lists that are walked side by side those that stand together. */
  readonly axes: readonly (readonly Combination[])[];
  /** Beside the product of the axes. */
  readonly include: readonly Combination[];
  readonly exclude: readonly Exclusion[];
  readonly problems: readonly Problem[];
}

interface Exclusion {
  readonly at: ConfigPath;
  readonly values: readonly Override[];
}

/** The parts that make sense, and what is wrong with the others. */
export function readGrid(grid: Json, source: Source): Grid {
  if (grid === undefined || grid === null) return { axes: [], include: [], exclude: [], problems: [] };
  const problems: Problem[] = [];
  const note = (path: ConfigPath, message: string) => void problems.push({ path, message });
  if (!isRecord(grid)) {
    note(['grid'], `must be a record of paths to lists of values, but is ${shown(grid)}.`);
    return { axes: [], include: [], exclude: [], problems };
  }
  const { include, exclude, ...lists } = grid;
  const reading = { source, note, seen: new Set<string>() };
  const axes = Object.entries(lists).flatMap(([key, values]) =>
    key === 'zip' ? zipsOf(values, reading) : axisOf(['grid', key], values, reading),
  );
  return {
    axes,
    include: pointsOf('include', include, reading).map(({ at, values }) =>
      values.map(({ key, ...point }) => ({ ...point, at: [...at, key], axis: [...at, key] })),
    ),
    exclude: pointsOf('exclude', exclude, reading),
    problems,
  };
}

interface Reading {
  readonly source: Source;
  readonly note: (path: ConfigPath, message: string) => void;
  /** Paths that have a list already. */
  readonly seen: Set<string>;
}

/** One combination for each value; nothing where the list makes no sense. */
function axisOf(axis: ConfigPath, given: Json, { source, note, seen }: Reading): Combination[][] {
  const key = String(axis.at(-1));
  if (!isPath(key, axis, note)) return [];
  const values = listOf(axis, given, note);
  if (!values) return [];
  if (seen.has(key)) note(axis, 'is in the grid twice. Leave one of them out.');
  seen.add(key);
  const path = stepsOf(key);
  if (source.isSet(path)) {
    note(path, `is swept by the grid, so --set has no effect on it. Use --set ${axis.join('.')}=[…].`);
    return [];
  }
  return [values.map((value, index) => [{ path, value, at: [...axis, index], axis }])];
}

function isPath(key: string, at: ConfigPath, note: Reading['note']): boolean {
  const [top = ''] = stepsOf(key);
  const sections = experimentKeys.filter((name) => !['name', 'seeds', 'grid'].includes(name));
  if (sections.includes(String(top))) return true;
  const hint = didYouMean(String(top), [...sections, 'zip', 'include', 'exclude']);
  note(at, `starts with "${top}", but a path starts with one of ${sections.join(', ')}.${hint}`);
  return false;
}

function listOf(axis: ConfigPath, given: Json, note: Reading['note']): readonly Json[] | undefined {
  if (Array.isArray(given) && given.length > 0) return given as readonly Json[];
  const isText = typeof given === 'string' && looksLikeExpression(given);
  try {
    if (isText) return evaluateList(given);
  } catch (error) {
    note(
      axis,
      `must be a list of values, or an expression for one, but is ${shown(given)} (${(error as Error).message}).`,
    );
    return undefined;
  }
  note(axis, `must be a list of values to go through, but is ${shown(given)}.`);
  return undefined;
}

/** One axis for each record of lists: its lists are walked side by side. */
function zipsOf(given: Json, reading: Reading): Combination[][] {
  const several = Array.isArray(given) ? (given as readonly Json[]) : undefined;
  const zips: [ConfigPath, Json][] = several
    ? several.map((zip, index) => [['grid', 'zip', index], zip])
    : [[['grid', 'zip'], given]];
  return zips.flatMap(([at, zip]) => zipOf(at, zip, reading));
}

function zipOf(at: ConfigPath, zip: Json, reading: Reading): Combination[][] {
  if (!isRecord(zip) || Object.keys(zip).length === 0) {
    reading.note(at, `must be a record of paths to lists that are walked side by side, but is ${shown(zip)}.`);
    return [];
  }
  const lists = Object.entries(zip).flatMap(([key, values]) => axisOf([...at, key], values, reading));
  if (lists.length < Object.keys(zip).length) return [];
  const lengths = lists.map(({ length }) => length);
  if (new Set(lengths).size > 1) {
    reading.note(at, `walks its lists side by side, but they have ${lengths.join(', ')} values.`);
    return [];
  }
  return [Array.from({ length: lengths[0] ?? 0 }, (_, index) => lists.flatMap((list) => list[index] ?? []))];
}

/** The entries of `include` or `exclude`: paths with one value each. */
function pointsOf(section: 'include' | 'exclude', given: Json, { note }: Reading) {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    note(['grid', section], `must be a list of records of paths to values, but is ${shown(given)}.`);
    return [];
  }
  return given.flatMap((entry: Json, index) => {
    const at: ConfigPath = ['grid', section, index];
    if (!isRecord(entry) || Object.keys(entry).length === 0) {
      note(at, `must be a record of paths to values, but is ${shown(entry)}.`);
      return [];
    }
    if (!Object.keys(entry).every((key) => isPath(key, [...at, key], note))) return [];
    return [{ at, values: Object.entries(entry).map(([key, value]) => ({ key, path: stepsOf(key), value })) }];
  });
}

/** What the runs have from the grid: the product of the axes, the last fastest, and what is included beside it. */
export function combinationsOf({ axes, include }: Grid): Record<'product' | 'include', readonly Combination[]> {
  const hasProduct = axes.length > 0 || include.length === 0;
  const product = axes.reduce<Combination[]>(
    (combinations, axis) => combinations.flatMap((before) => axis.map((points) => [...before, ...points])),
    hasProduct ? [[]] : [],
  );
  return { product, include };
}

export interface Excluder {
  /** Whether a point of the product with these values, as written or with defaults, is left out. */
  excludes(values: Json): boolean;
  /** Of entries that excluded nothing so far. */
  problems(): Problem[];
}

export function excluder({ exclude }: Grid): Excluder {
  const used = new Set<Exclusion>();
  return {
    excludes(values) {
      const excluding = exclude.filter((own) =>
        own.values.every(({ path, value }) => has(valueAt(values, path), value)),
      );
      for (const own of excluding) used.add(own);
      return excluding.length > 0;
    },
    problems: () =>
      exclude
        .filter((own) => !used.has(own))
        .map(({ at }) => ({ path: at, message: 'excludes nothing: no run of the grid has these values.' })),
  };
}

/** Whether a value is the one that is asked for: 0.125 is `2^-3`; of a record only the keys that are given count. */
function has(value: Json, wanted: Json): boolean {
  if (isRecord(wanted)) {
    return isRecord(value) && Object.entries(wanted).every(([key, own]) => has(value[key], own));
  }
  if (Array.isArray(wanted)) {
    const list: readonly Json[] = wanted;
    return Array.isArray(value) && value.length === list.length && list.every((own, index) => has(value[index], own));
  }
  return Object.is(evaluated(value), evaluated(wanted));
}

export interface Fitting {
  /** The points whose paths lead to something. */
  readonly fitting: Combination;
  /** Of the others. */
  readonly problems: readonly Problem[];
}

/** Leaves out paths that point at nothing that could be changed, in the file or in what another path put there. */
export function fittingPart(base: Json, combination: Combination): Fitting {
  const misfit = misfitOf(base, combination);
  if (!misfit) return { fitting: combination, problems: [] };
  const { override, at, message } = misfit;
  const others = combination.filter((point) => point !== override);
  const other = others.findLast((point) => liesWithin(at, point.path));
  const problem = { path: override.axis, message: `${message}${other ? ` (with ${elementOf(other)})` : ''}.` };
  const { fitting, problems } = fittingPart(base, others);
  return { fitting, problems: [problem, ...problems] };
}
