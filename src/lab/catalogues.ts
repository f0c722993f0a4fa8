/** The lists of what an experiment may name. The lab knows none of it; the command line hands it in. */

import type { AttackEntry } from '../contracts/attack.ts';
import type { DatasetEntry } from '../contracts/dataset.ts';
import type { DefenseEntry } from '../contracts/defense.ts';
import type { PluginConfig } from '../contracts/experiment.ts';
import type { ModelEntry } from '../contracts/model.ts';
import type { OptionValues } from '../contracts/options.ts';

export interface Catalogues {
  readonly datasets: readonly DatasetEntry[];
  readonly models: readonly ModelEntry[];
  readonly attacks: readonly AttackEntry[];
  readonly defenses: readonly DefenseEntry[];
}

/** The entry of a catalogue. Configurations were checked; this guards who calls the lab directly. */
export function named<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  throw new RangeError(`must be one of ${entries.map((e) => e.name).join(', ')}, but is "${name}".`);
}

/** The plug-in's own options, without its name. */
export function optionsOf({ name: _, view: __, ...options }: PluginConfig): OptionValues {
  return options;
}
