/** How many clients take part in a round. */

import type { UpdateRule } from '../contracts/defense.ts';
import type { TrainerConfig } from '../contracts/experiment.ts';

type Participation = Pick<TrainerConfig, 'clients' | 'participation'>;

/** Of clients that are drawn: their share of all, rounded, and at least one. */
export function drawnCount({ clients, participation }: Participation): number {
  return Math.max(1, Math.round(participation * clients));
}

/** The same, or under an update rule, where each client takes part by chance, what it comes to on average. */
export function expectedCount(trainer: Participation, updateRule: UpdateRule | undefined): number {
  return updateRule ? trainer.participation * trainer.clients : drawnCount(trainer);
}
