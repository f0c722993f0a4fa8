/** Which run this is: equal configurations have equal ids, whatever ran them. */

import type { RunConfig } from '../../contracts/experiment.ts';
import { canonicalJson, type Json } from '../config/values.ts';
import { sha256 } from '../sha256.ts';

/** The first 12 hexadecimal digits of the SHA-256 of the resolved configuration, its seed included. */
export const runIdOf = remembered((config) => idOf(config));

/** The same of what seeds have in common. */
export const configurationIdOf = remembered(({ seed: _, ...configuration }) => idOf(configuration));

/** The run's id, had it no defenses. */
export const undefendedIdOf = remembered((config) => idOf({ ...config, defenses: [] }));

/** The same of what its seeds have in common. */
export const undefendedConfigurationIdOf = remembered(({ seed: _, ...configuration }) =>
  idOf({ ...configuration, defenses: [] }),
);

function idOf(value: unknown): string {
  return sha256(canonicalJson(value as Json)).slice(0, 12);
}

/** Each row of each table asks for it. */
function remembered(make: (config: RunConfig) => string): (config: RunConfig) => string {
  const known = new WeakMap<RunConfig, string>();
  return (config) => {
    const id = known.get(config) ?? make(config);
    known.set(config, id);
    return id;
  };
}
