import { differingKeys, leavesOf, named } from './leaves.ts';

interface AskedAttack {
  readonly name: string;
  readonly view: string;
  /** Canonical JSON. */
  readonly options: string;
}

/** A short name for one attack of several: `gan-inversion`, or `gan-inversion tv 0.01` where others have other options. */
export function attackLabel(attack: AskedAttack, all: readonly AskedAttack[]): string {
  const namesakes = all.filter(({ name }) => name === attack.name).map(settingsOf);
  return [attack.name, ...named(settingsOf(attack), differingKeys(namesakes))].join(' ');
}

const settingsOf = ({ view, options }: AskedAttack) => leavesOf({ view, ...(JSON.parse(options) as object) });
