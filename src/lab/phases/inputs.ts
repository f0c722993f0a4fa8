/** What each phase depends on: equal inputs mean an equal outcome, whatever else the run's configuration says. */

import type { RunConfig } from '../../contracts/experiment.ts';
import type { Conditions } from '../results/store.ts';
import type { Setup } from '../setup.ts';
import type { PhaseRequest } from './store.ts';
import type { Moment } from './victim.ts';
import type { ViewRequest } from './views.ts';

/** The part of a configuration that a victim depends on. */
export function victimConfig({ data, model, trainer, defenses, ledger, seed }: RunConfig) {
  const { dir: _, ...examples } = data; // whose checksums count, not their place
  return { data: examples, model, trainer, defenses, delta: ledger.delta, seed };
}

export function trainRequest(
  { config, files }: Pick<Setup, 'config' | 'files'>,
  { dataDir: _, ...conditions }: Conditions,
  moments: readonly Moment[],
): PhaseRequest {
  return { phase: 'train', inputs: { conditions, files, moments, ...victimConfig(config) } };
}

export function recordRequest(victim: PhaseRequest, view: ViewRequest): PhaseRequest {
  return { phase: 'record', inputs: { victim: victim.inputs, view } };
}

export function attackRequest(record: PhaseRequest, attack: RunConfig['attacks'][number]): PhaseRequest {
  return { phase: 'attack', inputs: { record: record.inputs, attack } };
}
