/** Attacks and defenses as a test names them, with the options of an experiment file. */

import { deepLeakage as deepLeakageEntry } from '../../attacks/deep-leakage.ts';
import { ganInversion as ganInversionEntry } from '../../attacks/gan-inversion.ts';
import { inverseNetwork as inverseNetworkEntry } from '../../attacks/inverse-network.ts';
import { dpFedAvg as dpFedAvgEntry } from '../../defenses/dp-fedavg.ts';
import { dpSgd as dpSgdEntry } from '../../defenses/dp-sgd.ts';
import { jointDp as jointDpEntry } from '../../defenses/joint-dp.ts';
import { pixeldp } from '../../defenses/pixeldp.ts';
import { catalogues } from '../cli/catalogues.ts';
import type { AttackEntry } from '../contracts/attack.ts';
import type { DefenseEntry } from '../contracts/defense.ts';
import { didYouMean } from '../lab/config/did-you-mean.ts';
import type { Json } from '../lab/config/values.ts';

/** As in an experiment file; what is left out has its default. */
export type Options = Readonly<Record<string, Json>>;

export interface Chosen<Entry> {
  readonly entry: Entry;
  readonly options: Options;
}

export type ChosenAttack = Chosen<AttackEntry>;

/** Defenses that act together, in their order; an empty list is the undefended model. */
export type ChosenDefense = readonly Chosen<DefenseEntry>[];

/** A defense of the catalogue by its name, or one of your own. @throws RangeError for a name that is not there. */
export function defense(own: string | DefenseEntry, options: Options = {}): ChosenDefense {
  return [{ entry: typeof own === 'string' ? lookUp('a defense', catalogues.defenses, own) : own, options }];
}

/** An attack of the catalogue by its name, or one of your own. @throws RangeError for a name that is not there. */
export function attack(own: string | AttackEntry, options: Options = {}): ChosenAttack {
  return { entry: typeof own === 'string' ? lookUp('an attack', catalogues.attacks, own) : own, options };
}

function lookUp<Entry extends { readonly name: string }>(kind: string, entries: readonly Entry[], name: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const names = entries.map((candidate) => candidate.name);
  throw new RangeError(`${kind} must be one of ${names.join(', ')}, but is "${name}".${didYouMean(name, names)}`);
}

/** Defenses that act together: `together(pixelDp(), dpSgd())`. */
export function together(...defenses: readonly ChosenDefense[]): ChosenDefense {
  return defenses.flat();
}

export const none = (): ChosenDefense => [];
export const pixelDp = (options?: Options) => defense(pixeldp, options);
export const dpSgd = (options?: Options) => defense(dpSgdEntry, options);
export const dpFedAvg = (options?: Options) => defense(dpFedAvgEntry, options);
export const jointDp = (options?: Options) => defense(jointDpEntry, options);

export const ganInversion = (options?: Options) => attack(ganInversionEntry, options);
export const deepLeakage = (options?: Options) => attack(deepLeakageEntry, options);
export const inverseNetwork = (options?: Options) => attack(inverseNetworkEntry, options);

/** `pixeldp (epsilon 2) + dp-sgd`; `none`. */
export function nameOf(chosen: ChosenDefense | ChosenAttack): string {
  const list = 'entry' in chosen ? [chosen] : chosen;
  return list.map(oneName).join(' + ') || 'none';
}

function oneName({ entry, options }: Chosen<AttackEntry | DefenseEntry>): string {
  const given = Object.entries(options).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return given.length > 0 ? `${entry.name} (${given.join(', ')})` : entry.name;
}
