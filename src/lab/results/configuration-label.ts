/** A short name for one configuration of a sweep: its defenses, and whatever else differs between the runs. */

import type { PluginConfig, RunConfig } from '../../contracts/experiment.ts';

/** `none`, `pixeldp epsilon 2 + dp-sgd`, `model.cut 3, none`, … */
export function configurationLabel(config: RunConfig, runs: readonly RunConfig[]): string {
  const elsewhere = differing(settingsOf(config), runs.map(settingsOf));
  return [...elsewhere, defensesLabel(config, runs)].join(', ');
}

function defensesLabel({ defenses }: RunConfig, runs: readonly RunConfig[]): string {
  if (defenses.length === 0) return 'none';
  return defenses
    .map(({ name, ...options }) => {
      const same = runs.flatMap((run) => run.defenses.filter((defense) => defense.name === name));
      const own = differing(
        leavesOf(options),
        same.map(({ name: _, ...others }: PluginConfig) => leavesOf(others)),
      );
      return [name, ...own].join(' ');
    })
    .join(' + ');
}

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

/** `key value` of each leaf that is not the same everywhere. */
function differing(own: Leaves, all: readonly Leaves[]): string[] {
  return [...own]
    .filter(([key, value]) => all.some((leaves) => leaves.get(key) !== value))
    .map(([key, value]) => `${key.replace(/\.name$/, '')} ${value}`);
}
