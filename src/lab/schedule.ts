/** In which order runs are begun: results do not depend on it, but the time that processors wait does. */

import type { RunConfig } from '../contracts/experiment.ts';
import { canonicalJson, type Json } from './config/values.ts';
import { groupBy } from './group-by.ts';
import { phaseKey } from './phases/store.ts';
import type { MissingRun } from './plan.ts';
import type { StoredRun } from './results/store.ts';
import { mean } from './statistics/mean.ts';

type Attack = RunConfig['attacks'][number];

/**
 * One run of each victim first, since those that share a victim wait for its training; among them, and among the others, those
 * whose attacks take longest, so that none is left over in the end (Graham 1969: longest processing time first). What nobody has
 * timed yet may be long, and is begun early; runs of equal length stay in the order of the experiment.
 *
 * @param finished Runs that tell how long attacks take.
 */
export function inGoodOrder(missing: readonly MissingRun[], finished: readonly StoredRun[]): MissingRun[] {
  const secondsOf = attackSeconds(finished);
  const lengthOf = ({ run: { config } }: MissingRun) =>
    config.attacks.reduce((sum, attack) => sum + secondsOf(attack), 0);
  const longestFirst = [...missing].map((run) => ({ run, length: lengthOf(run) })).sort((a, b) => descending(a, b));
  const victims = groupBy(longestFirst, ({ run }) => phaseKey(run.phases.train));
  const openers = new Set([...victims.values()].map(([first]) => first));
  const others = longestFirst.filter((entry) => !openers.has(entry));
  return [...longestFirst.filter((entry) => openers.has(entry)), ...others].map(({ run }) => run);
}

function descending(a: { readonly length: number }, b: { readonly length: number }): number {
  return a.length === b.length ? 0 : b.length - a.length; // ∞ − ∞ is no number
}

/** What an attack took with the same options, else on average with others; ∞ where it was not made yet. */
function attackSeconds(finished: readonly StoredRun[]): (attack: Attack) => number {
  const records = finished.flatMap(({ result }) => result.attacks);
  const [same, namesakes] = [
    groupBy(records, ({ attack }) => optionsOf(attack)),
    groupBy(records, ({ attack }) => attack.name),
  ];
  return (attack) => {
    const known = same.get(optionsOf(attack)) ?? namesakes.get(attack.name);
    return known ? mean(known.map(({ seconds }) => seconds)) : Number.POSITIVE_INFINITY;
  };
}

const optionsOf = (attack: Attack) => canonicalJson(attack as unknown as Json);
