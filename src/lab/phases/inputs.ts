/** What each phase depends on: equal inputs mean an equal outcome, whatever else the run's configuration says. */

import type { AnyAttack } from '../../contracts/attack.ts';
import type { DataFile } from '../../contracts/dataset.ts';
import type { RunConfig } from '../../contracts/experiment.ts';
import { protocolOf } from '../../training/protocol.ts';
import type { Conditions } from '../results/conditions.ts';
import type { PhaseRequest } from './store.ts';
import type { Moment } from './victim.ts';
import type { ViewRequest } from './views.ts';

/** A run as far as its phases go. */
export interface PhasedRun {
  readonly config: RunConfig;
  readonly dataFiles: readonly DataFile[];
  /** One for each attack. */
  readonly views: readonly ViewRequest[];
  /** Whose messages are recorded; none where left out. */
  readonly recordedRounds?: readonly number[] | undefined;
}

export interface RunPhases {
  readonly train: PhaseRequest;
  /** Where messages are recorded. */
  readonly messages?: PhaseRequest;
  /** One for each attack. */
  readonly records: readonly PhaseRequest[];
  readonly attacks: readonly PhaseRequest[];
}

/** Ten attacks on one victim share its training, and those that ask for the same view what was recorded. */
export function phasesOf(run: PhasedRun, conditions: Conditions, moments: readonly Moment[]): RunPhases {
  const { config, dataFiles, views, recordedRounds = [] } = run;
  const { dataDir: _, ...others } = conditions; // whose checksums count, not its place
  const recorded = recordedRounds.length > 0 ? { recordedRounds } : {};
  const inputs = { conditions: others, dataFiles, moments, ...recorded, ...victimConfig(config) };
  const train = { phase: 'train', inputs } as const;
  const records = views.map((view) => ({ phase: 'record', inputs: { victim: inputs, view } }) as const);
  const attacks = records.map(
    (record, index) => ({ phase: 'attack', inputs: { record: record.inputs, attack: config.attacks[index] } }) as const,
  );
  const messages = { phase: 'messages', inputs: { victim: inputs } } as const;
  return { train, records, attacks, ...('recordedRounds' in recorded && { messages }) };
}

/** The same of one victim among several that equal inputs may give: where its noise can't be drawn again. */
export function phasesOn(phases: RunPhases, victimId: string): RunPhases {
  const on = ({ phase, inputs }: PhaseRequest) => ({ phase, inputs: { ...(inputs as object), victimId } });
  return { ...phases, records: phases.records.map(on), attacks: phases.attacks.map(on) };
}

/** The part of a configuration that a victim depends on: without the keys that its trainer ignores. */
export function victimConfig({ data, model, trainer, defenses, ledger, seed }: RunConfig) {
  const { dir: _, ...examples } = data;
  const { cut: __, ...uncut } = model;
  const { clients: ___, participation: ____, partition: _____, ...alone } = trainer;
  const { hasServer, isCentral } = protocolOf(trainer.name);
  return {
    ...{ data: examples, defenses, delta: ledger.delta, seed },
    model: hasServer ? model : uncut,
    trainer: isCentral ? alone : trainer,
  };
}

/** What the lab is to record for an attack. */
export function viewOf({ probe, threatModel }: AnyAttack): ViewRequest {
  const { auxiliary: _, ...request } = probe;
  return { view: threatModel.view, ...request };
}

/** When weights are kept for these views: each moment once, the end last, so that equal sets are equal lists. */
export function momentsOf(views: readonly ViewRequest[]): Moment[] {
  const order = (moment: Moment) => (moment === 'end' ? Number.POSITIVE_INFINITY : moment);
  return [...new Set(views.map(({ round }) => round))].sort((a, b) => order(a) - order(b));
}
