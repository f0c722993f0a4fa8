/** The grid of an experiment: its axes, their combinations, and what of it makes no sense. */

import { didYouMean } from './did-you-mean.ts';
import { shown } from './option-schema.ts';
import { misfitOf, type Override } from './overrides.ts';
import { liesWithin, type Problem } from './problems.ts';
import { experimentKeys } from './schema.ts';
import { type Source, stepsOf } from './source.ts';
import { isRecord, type Json } from './values.ts';

export interface Axis {
  /** As written: `model.cut`. */
  readonly key: string;
  readonly values: readonly Json[];
}

/** The axes that make sense; of the others `gridProblems` speaks. */
export function axesOf(grid: Json, source: Source): Axis[] {
  if (!isRecord(grid)) return [];
  return Object.entries(grid).flatMap(([key, values]) =>
    axisProblems(key, values, source).length === 0 ? [{ key, values: values as readonly Json[] }] : [],
  );
}

export function gridProblems(grid: Json, source: Source): Problem[] {
  if (grid === undefined || grid === null) return [];
  if (!isRecord(grid)) {
    return [{ path: ['grid'], message: `must be a record of paths to lists of values, but is ${shown(grid)}.` }];
  }
  return Object.entries(grid).flatMap(([key, values]) => axisProblems(key, values, source));
}

function axisProblems(key: string, values: Json, source: Source): Problem[] {
  const path = ['grid', key];
  const [top = ''] = stepsOf(key);
  const sections = experimentKeys.filter((name) => !['name', 'seeds', 'grid'].includes(name));
  if (!sections.includes(String(top))) {
    const hint = didYouMean(String(top), sections);
    return [{ path, message: `starts with "${top}", but a path starts with one of ${sections.join(', ')}.${hint}` }];
  }
  if (!Array.isArray(values) || values.length === 0) {
    return [{ path, message: `must be a list of values to go through, but is ${shown(values)}.` }];
  }
  if (source.isSet(stepsOf(key))) {
    return [
      { path: stepsOf(key), message: `is swept by the grid, so --set has no effect on it. Use --set grid.${key}=[…].` },
    ];
  }
  return [];
}

/** One value of an axis. */
export interface Point extends Override {
  readonly key: string;
  readonly index: number;
}

/** One point of each axis. */
export type Combination = readonly Point[];

export function combinationsOf(grid: readonly Axis[]): Combination[] {
  return grid.reduce<Combination[]>(
    (combinations, { key, values }) => {
      const points = values.map((value, index) => ({ key, index, path: stepsOf(key), value }));
      return combinations.flatMap((combination) => points.map((point) => [...combination, point]));
    },
    [[]],
  );
}

/** `grid.defenses[2]`: its third value. */
export function elementOf({ key, index }: Point): string {
  return `grid.${key}[${index}]`;
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
  const problem = {
    path: ['grid', override.key],
    message: `${message}${other ? ` (with ${elementOf(other)})` : ''}.`,
  };
  const { fitting, problems } = fittingPart(base, others);
  return { fitting, problems: [problem, ...problems] };
}
