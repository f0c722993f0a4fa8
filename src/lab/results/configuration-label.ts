/** A short name for one configuration of a sweep: its defenses, and whatever else differs between the runs. */

import type { PluginConfig, RunConfig } from '../../contracts/experiment.ts';

/** `none`, `pixeldp epsilon 2 + dp-sgd`, `model.cut 3, none`, … */
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

type Leaves = ReadonlyMap<string, string>;

/** Everything but the seed and what has a place of its own. */
function settingsOf({ seed: _, defenses: __, attacks: ___, name: ____, ...settings }: RunConfig): Leaves {
  return leavesOf(settings);
}

function leavesOf(value: object, prefix = ''): Leaves {
  return new Map(
    Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
      typeof child === 'object' && child !== null
        ? [...leavesOf(child, `${prefix}${key}.`)]
        : [[`${prefix}${key}`, String(child)] as const],
    ),
  );
}

/** Of the leaves that are not the same everywhere. A leaf that some lack differs. */
function differingKeys(all: readonly Leaves[]): ReadonlySet<string> {
  const keys = new Set(all.flatMap((leaves) => [...leaves.keys()]));
  const [first] = all;
  return new Set([...keys].filter((key) => all.some((leaves) => leaves.get(key) !== first?.get(key))));
}

/** `key value` of each leaf among the keys. */
function named(own: Leaves, keys: ReadonlySet<string>): string[] {
  return [...own].filter(([key]) => keys.has(key)).map(([key, value]) => `${key.replace(/\.name$/, '')} ${value}`);
}
