/** What stands in place of a name that is unknown, so that whatever does not depend on it can still be checked. */

import type { Catalogues } from '../catalogues.ts';
import type { ConfigPath, Problem } from './problems.ts';
import { isRecord, type Json, setAt } from './values.ts';

/** Sections about which nothing can be said where a name in this one is unknown. */
export const dependents: Readonly<Record<string, readonly string[]>> = {
  model: ['model', 'defenses'],
  trainer: ['model', 'trainer', 'defenses', 'attacks'],
  defenses: ['defenses'],
  attacks: [],
};

/** Sections and entries of lists whose names are missing or unknown. */
export function unknownNames(wrong: readonly Problem[]): ConfigPath[] {
  return wrong.flatMap(({ path }) => {
    const own = path.at(-1) === 'name' ? path.slice(0, -1) : path;
    const depth = isSection(own[0]) ? 1 : isList(own[0]) ? 2 : 0;
    return own.length === depth ? [own] : [];
  });
}

const isSection = (name: unknown) => name === 'model' || name === 'trainer';
const isList = (name: unknown) => name === 'defenses' || name === 'attacks';

/** Any model and trainer will do; of lists the entries are left out. */
export function withStandIns(values: Json, unknown: readonly ConfigPath[], { models }: Catalogues): Json {
  const has = (section: string) => unknown.some(([own]) => own === section);
  const lists = ['defenses', 'attacks'].filter(has);
  const known = lists.reduce<Json>((root, list) => withoutUnknown(root, list, unknown), values);
  const modelled = has('model') ? setAt(known, ['model'], { name: models[0]?.name }) : known;
  return has('trainer') ? setAt(modelled, ['trainer', 'name'], 'splitfed-v1') : modelled;
}

function withoutUnknown(root: Json, list: string, unknown: readonly ConfigPath[]): Json {
  const entries = isRecord(root) ? root[list] : undefined;
  if (!Array.isArray(entries)) return root;
  const isUnknown = (index: number) => unknown.some(([own, place]) => own === list && place === index);
  const kept = (entries as readonly Json[]).filter((_, index) => !isUnknown(index));
  return setAt(root, [list], kept);
}

/** The problem with the places that attacks have in the file, where some before them were left out. */
export function inPlace(problem: Problem, unknown: readonly ConfigPath[]): Problem {
  const left = unknown.flatMap(([list, index]) => (list === 'attacks' ? [Number(index)] : [])).sort((a, b) => a - b);
  const placed = (path: ConfigPath): ConfigPath => {
    const [list, index, ...rest] = path;
    if (list !== 'attacks' || typeof index !== 'number') return path;
    return [list, left.reduce((place, gone) => (gone <= place ? place + 1 : place), index), ...rest];
  };
  return { ...problem, path: placed(problem.path), related: problem.related?.map(placed) };
}
