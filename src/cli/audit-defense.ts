/** Defenses of the catalogue as `cutlayer audit mechanism` makes them. Loads the catalogues: imported only where asked for. */

import type { DefenseEntry } from '../contracts/defense.ts';
import type { OptionValues } from '../contracts/options.ts';
import { optionSchema } from '../lab/config/option-schema.ts';
import { catalogues } from './catalogues.ts';
import { flagOf } from './flag-of.ts';
import { UsageError } from './usage-error.ts';

export function defenseNamed(name: string): DefenseEntry {
  const entry = catalogues.defenses.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`the catalogue has no defense "${name}"`);
  return entry;
}

/** The defense's options, defaults filled in. Throws a UsageError that says what is allowed, as an experiment file would. */
export function checkedOptions({ options }: DefenseEntry, given: OptionValues): OptionValues {
  const checked = Object.entries(options).map(([name, spec]) => {
    const parsed = optionSchema(spec).safeParse(given[name]);
    if (!parsed.success) throw new UsageError(`${flagOf(name)} ${parsed.error.issues[0]?.message}`);
    return [name, parsed.data] as const;
  });
  return Object.fromEntries(checked) as OptionValues;
}
