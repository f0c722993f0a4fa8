/** Options that take the place of others (`insteadOf`): a target ε in place of a noise multiplier. */

import type { PluginConfig } from '../../contracts/experiment.ts';
import type { CatalogueEntry } from '../../contracts/options.ts';
import type { Problem } from './problems.ts';
import { isRecord, type Json } from './values.ts';

/** For each entry of the list that gives an option and also the one whose place it takes. */
export function alternativeProblems(list: Json, section: string, catalogue: readonly CatalogueEntry[]): Problem[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((given: Json, index) => {
    if (!isRecord(given)) return [];
    return pairsOf(given['name'], catalogue)
      .filter((pair) => pair.every((option) => given[option] !== undefined))
      .map(([option, replaced]) => ({
        path: [section, index, option],
        related: [[section, index, replaced]],
        message: `takes the place of ${replaced}, but both are given. Leave one of them out.`,
      }));
  });
}

/** Without the defaults of options whose place is taken: they say nothing of the run. */
export function withoutReplaced<Own extends PluginConfig>(given: Own, catalogue: readonly CatalogueEntry[]): Own {
  const replaced = pairsOf(given.name, catalogue).flatMap(([option, other]) =>
    given[option] === undefined ? [] : [other],
  );
  return Object.fromEntries(Object.entries(given).filter(([key]) => !replaced.includes(key))) as Own;
}

/** Each option with the one whose place it takes. */
function pairsOf(name: Json, catalogue: readonly CatalogueEntry[]): [string, string][] {
  const { options = {} } = catalogue.find((entry) => entry.name === name) ?? {};
  return Object.entries(options).flatMap(([option, { insteadOf }]): [string, string][] =>
    insteadOf === undefined ? [] : [[option, insteadOf]],
  );
}
