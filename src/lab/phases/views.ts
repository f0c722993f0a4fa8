/** The second phase: what each adversary sees of the victim is recorded. Attacks work on the record alone. */

import type { Observation, ProbeRequest, ViewName } from '../../contracts/attack.ts';
import { prober } from '../../training/probe.ts';
import type { Setup } from '../setup.ts';
import { clipNormAt, sentExamples, type Victim, weightsAt } from './victim.ts';

/** What is recorded; attacks that ask for the same are shown the same. */
export interface ViewRequest extends Omit<ProbeRequest, 'auxiliary'> {
  readonly view: ViewName;
}

/** One observation a batch of victims, in the order of `victimBatches`. */
export function recordViews(
  setup: Setup,
  victim: Victim,
  { view, round, victims, batch, releases }: ViewRequest,
): Promise<Observation<ViewName>[]> {
  const { model, cut, gradientRule, config, noiseRng } = setup;
  const privacy = gradientRule && { rule: gradientRule, normaliser: config.trainer.batchSize };
  const probe = prober({ model, cut, data: sentExamples(setup, victim), privacy });
  return probe(weightsAt(victim, round), {
    view,
    round,
    batches: victimBatches(setup, { victims, batch }),
    releases,
    noiseRng: noiseRng.fork(`probe/${round}`),
    clipNorm: clipNormAt(victim, round),
  });
}

/** The victims of each observation, by index into the training data: the first examples of client 0. */
export function victimBatches(
  { shards }: Pick<Setup, 'shards'>,
  { victims, batch }: Pick<ProbeRequest, 'victims' | 'batch'>,
): Int32Array[] {
  const chosen = (shards[0] ?? new Int32Array(0)).slice(0, victims);
  return Array.from({ length: Math.ceil(victims / batch) }, (_, part) =>
    chosen.subarray(part * batch, (part + 1) * batch),
  );
}
