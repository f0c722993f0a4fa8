/** Which run this is: equal configurations have equal ids, whatever ran them. */

import type { RunConfig } from '../../contracts/experiment.ts';
import { canonicalJson, type Json } from '../config/values.ts';
import { sha256 } from '../sha256.ts';

/** The first 12 hexadecimal digits of the SHA-256 of the resolved configuration, its seed included. */
export function runIdOf(config: RunConfig): string {
  return idOf(config);
}

/** The same of what seeds have in common. */
export function configurationIdOf({ seed: _, ...configuration }: RunConfig): string {
  return idOf(configuration);
}

function idOf(value: unknown): string {
  return sha256(canonicalJson(value as Json)).slice(0, 12);
}
