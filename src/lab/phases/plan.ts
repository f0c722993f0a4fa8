/** The phases of a whole sweep: which runs share them, what is stored already, and what the others will take on disk. */

import { canonicalJson, type Json } from '../config/values.ts';
import { groupBy } from '../group-by.ts';
import type { Conditions } from '../results/conditions.ts';
import { momentsOf, type PhasedRun, phasesOf, type RunPhases, victimConfig } from './inputs.ts';
import { type PhaseName, phaseKey, type StoredPhases, storedPhases } from './store.ts';
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

/** Messages only where they are recorded. */
export type PhaseCounts = Record<Exclude<PhaseName, 'messages'>, PhaseCount> & { readonly messages?: PhaseCount };

export function countPhases(planned: readonly RunPhases[], stored: StoredPhases): PhaseCounts {
  const count = (requests: readonly RunPhases['records'][number][]) => {
    const distinct = [...new Map(requests.map((request) => [phaseKey(request), request])).values()];
    return { needed: distinct.length, stored: distinct.filter((request) => stored.has(request)).length };
  };
  const messages = planned.flatMap((run) => (run.messages ? [run.messages] : []));
  return {
    ...(messages.length > 0 && { messages: count(messages) }),
    train: count(planned.map(({ train }) => train)),
    record: count(planned.flatMap(({ records }) => records)),
    attack: count(planned.flatMap(({ attacks }) => attacks)),
  };
}

/** Whether the messages that are to be recorded are; they belong to no result, so that a finished run may lack them. */
export function hasMessages({ messages }: RunPhases, folder: string | undefined): boolean {
  return !messages || (folder !== undefined && storedPhases(folder).has(messages));
}
