import { differingKeys, leavesOf, named } from './leaves.ts';

interface AskedAttack {
  readonly name: string;
  /** Canonical JSON. */
  readonly options: string;
}

/** A short name for one attack of several: `gan-inversion`, or `gan-inversion tv 0.01` where others have other options. */
export function attackLabel({ name, options }: AskedAttack, all: readonly AskedAttack[]): string {
  const leaves = (json: string) => leavesOf(JSON.parse(json) as object);
  const namesakes = all.filter((attack) => attack.name === name).map((attack) => leaves(attack.options));
  return [name, ...named(leaves(options), differingKeys(namesakes))].join(' ');
}
