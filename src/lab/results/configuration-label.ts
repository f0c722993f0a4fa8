/** A short name for one configuration of a sweep: its defenses, and whatever else differs between the runs. */

import type { PluginConfig, RunConfig } from '../../contracts/experiment.ts';
import { differingKeys, type Leaves, leavesOf, named } from './leaves.ts';

/** `none`, `pixeldp epsilon 2 + dp-sgd`, `cut 3, none`, … */
export function configurationLabel(config: RunConfig, runs: readonly RunConfig[]): string {
  const labelOf = labellers.get(runs) ?? labeller(runs);
  labellers.set(runs, labelOf);
  return labelOf(config);
}

/** What differs between runs is looked for once. */
const labellers = new WeakMap<readonly RunConfig[], (config: RunConfig) => string>();

function labeller(runs: readonly RunConfig[]): (config: RunConfig) => string {
  const settings = differingKeys(runs.map(settingsOf));
  const options = new Map<string, ReadonlySet<string>>();
  const optionsOf = (name: string) => {
    const known =
      options.get(name) ??
      differingKeys(runs.flatMap(({ defenses }) => defenses.filter(isOf(name)).map(leavesWithoutName)));
    options.set(name, known);
    return known;
  };
  return (config) => {
    const defenses = config.defenses.map((defense) =>
      [defense.name, ...named(leavesWithoutName(defense), optionsOf(defense.name))].join(' '),
    );
    return [...named(settingsOf(config), settings), defenses.join(' + ') || 'none'].join(', ');
  };
}

const isOf = (name: string) => (defense: PluginConfig) => defense.name === name;
const leavesWithoutName = ({ name: _, ...options }: PluginConfig) => leavesOf(options);

/** Everything but the seed and what has a place of its own. */
function settingsOf({ seed: _, defenses: __, attacks: ___, name: ____, ...settings }: RunConfig): Leaves {
  return leavesOf(settings);
}
