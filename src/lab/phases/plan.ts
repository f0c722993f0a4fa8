/** The phases of a whole sweep: which runs share them, what is stored already, and what the others will take on disk. */

import { canonicalJson, type Json } from '../config/values.ts';
import { groupBy } from '../group-by.ts';
import type { Conditions } from '../results/conditions.ts';
import { momentsOf, type PhasedRun, phasesOf, type RunPhases, victimConfig } from './inputs.ts';
import { type PhaseName, phaseKey, type StoredPhases } from './store.ts';
import type { Moment } from './victim.ts';

export interface PlannedPhases extends RunPhases {
  /** All moments that runs with the same victim ask for, so that it is trained once for all of them. */
  readonly moments: readonly Moment[];
}

/** Of each run, in its order. */
export function planPhases(runs: readonly PhasedRun[], conditions: Conditions): PlannedPhases[] {
  const victimOf = ({ config, dataFiles }: PhasedRun) =>
    canonicalJson({ ...victimConfig(config), dataFiles } as unknown as Json);
  const sharing = groupBy(runs, victimOf);
  return runs.map((run) => {
    const moments = momentsOf((sharing.get(victimOf(run)) ?? []).flatMap(({ views }) => views));
    return { ...phasesOf(run, conditions, moments), moments };
  });
}

/** How many different ones of a phase the runs need, and how many of them are stored. */
export interface PhaseCount {
  readonly needed: number;
  readonly stored: number;
}

export function countPhases(planned: readonly RunPhases[], stored: StoredPhases): Record<PhaseName, PhaseCount> {
  const count = (requests: readonly RunPhases['records'][number][]) => {
    const distinct = [...new Map(requests.map((request) => [phaseKey(request), request])).values()];
    return { needed: distinct.length, stored: distinct.filter((request) => stored.has(request)).length };
  };
  return {
    train: count(planned.map(({ train }) => train)),
    record: count(planned.flatMap(({ records }) => records)),
    attack: count(planned.flatMap(({ attacks }) => attacks)),
  };
}
