/** The attacks of a run on its trained victim. Where outcomes of phases are kept, several processes may share them. */

import type { Observation, ViewName } from '../contracts/attack.ts';
import type { AttackRecord } from '../contracts/experiment.ts';
import { type AttackOutcome, runAttack } from './phases/attack.ts';
import { viewOf } from './phases/inputs.ts';
import type { PhaseStore } from './phases/store.ts';
import { recordViews, victimBatches } from './phases/views.ts';
import { scoreAttack } from './scoring.ts';
import type { PlannedAttack, TrainedRun } from './trained-run.ts';

/** Scored, in their order. What another process has in hand is waited for when nothing else is left to do. */
export async function attackRecords(run: TrainedRun): Promise<AttackRecord[]> {
  const records = new Map<PlannedAttack, AttackRecord>();
  for (const how of ['getOrMakeIfFree', 'getOrMake'] as const) {
    for (const attack of run.attacks.filter((open) => !records.has(open))) {
      const attacked = await attackedBy(run, attack, how);
      if (attacked) records.set(attack, scored(run, attack, attacked));
    }
  }
  return run.attacks.map((attack) => records.get(attack) as AttackRecord);
}

/** Stores what attacks make that no other process has in hand, for the process whose run it is. */
export async function makeFreeAttacks(run: TrainedRun): Promise<void> {
  for (const attack of run.attacks) await attackedBy(run, attack, 'getOrMakeIfFree');
}

interface Attacked extends AttackOutcome {
  readonly observations: readonly Observation<ViewName>[];
}

async function attackedBy(
  { setup, watch, phases, victim, progress, stop }: TrainedRun,
  { phase, planned, ...request }: PlannedAttack,
  how: keyof PhaseStore,
): Promise<Attacked | undefined> {
  stop?.throwIfAborted();
  const record = () => phases.getOrMake(request.record, () => recordViews(setup, victim, viewOf(planned.attack)));
  const isFirst = how === 'getOrMakeIfFree'; // what was recorded for an attack that is asked for again has been timed
  const observations = isFirst ? await watch.time('record', record) : await record();
  const outcome = await watch.time(phase, () =>
    phases[how](request.attack, () =>
      runAttack(setup, { planned, victim, observations, progress: (share) => progress(phase, share) }),
    ),
  );
  return outcome && { ...outcome, observations };
}

function scored(
  { setup }: TrainedRun,
  { planned: { attack, config } }: PlannedAttack,
  { observations, reconstructions, seconds }: Attacked,
): AttackRecord {
  const { data, auxiliary } = setup;
  const victims = victimBatches(setup, viewOf(attack));
  const scores = scoreAttack({ data: data.train, auxiliary, victims, observations, reconstructions });
  return { attack: config, seconds, ...scores };
}
