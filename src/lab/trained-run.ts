/** A run up to its attacks: set up, and its victim trained or found among what is stored. */

import { type EngineName, useEngine } from '../compile/engine.ts';
import type { RunConfig, RunProgress } from '../contracts/experiment.ts';
import { attackPhases } from './attack-phases.ts';
import { momentsOf, phasesOf, phasesOn, type RunPhases, viewOf } from './phases/inputs.ts';
import { messageRecorder } from './phases/messages.ts';
import { noPhaseStore, type PhaseRequest, type PhaseStore } from './phases/store.ts';
import { type Moment, trainVictim, type Victim, victimIdOf } from './phases/victim.ts';
import { conditionsOf } from './results/conditions.ts';
import { type Setup, type SetupOptions, setUp } from './setup.ts';
import { type Stopwatch, stopwatch } from './stopwatch.ts';

export interface RunOptions extends SetupOptions {
  readonly engine: EngineName;
  /** Of the engine. */
  readonly threads: number;
  /** Of engine `onnx`: ONNX Runtime's execution provider; the processor where left out. */
  readonly device?: string | undefined;
  readonly progress: RunProgress;
  /** Where outcomes of phases are kept; nowhere where left out. */
  readonly phases?: PhaseStore | undefined;
  /** When the victim's weights are kept; the moments that the run's own attacks ask for where left out. */
  readonly moments?: readonly Moment[] | undefined;
  /** Whose messages are kept among the phases; none where left out. */
  readonly recordedRounds?: readonly number[] | undefined;
  /** Rejects with its reason between phases where it is aborted. */
  readonly stop?: AbortSignal | undefined;
}

export interface TrainedRun extends Work {
  readonly engine: EngineName;
  readonly victim: Victim;
  readonly attacks: readonly PlannedAttack[];
  readonly stop: AbortSignal | undefined;
}

/** What goes through all phases of a run. */
interface Work {
  readonly setup: Setup;
  readonly watch: Stopwatch;
  readonly phases: PhaseStore;
  readonly progress: RunProgress;
}

/** With where its view and its outcome are kept. */
export interface PlannedAttack {
  readonly phase: string;
  readonly planned: Setup['attacks'][number];
  readonly record: PhaseRequest;
  readonly attack: PhaseRequest;
}

/** @throws ConfigError where data, model, defenses or attacks do not fit each other; Error where training diverges. */
export async function trainedRun(config: RunConfig, options: RunOptions): Promise<TrainedRun> {
  const { phases = noPhaseStore, progress, stop, recordedRounds } = options;
  const watch = stopwatch();
  const engine = await useEngine(options.engine, { threads: options.threads, device: options.device });
  const setup = await watch.time('data', () => setUp(config, options));
  const work = { setup, watch, phases, progress };
  const views = setup.attacks.map(({ attack }) => viewOf(attack));
  const moments = options.moments ?? momentsOf(views);
  const requests = phasesOf(
    { config, dataFiles: setup.files, views, recordedRounds },
    conditionsOf({ ...options, noise: options.noise ?? 'seeded' }),
    moments,
  );
  const victim = await train(work, requests, { moments, rounds: recordedRounds ?? [] });
  const { records, attacks } = options.noise === 'secure' ? phasesOn(requests, victimIdOf(victim)) : requests;
  const names = attackPhases(config.attacks);
  const planned = setup.attacks.map((own, index) => ({
    phase: names[index] as string,
    planned: own,
    record: records[index] as PhaseRequest,
    attack: attacks[index] as PhaseRequest,
  }));
  return { ...work, engine: engine.name, victim, attacks: planned, stop };
}

interface Kept {
  readonly moments: readonly Moment[];
  /** Whose messages are kept. */
  readonly rounds: readonly number[];
}

/** Messages are stored before the victim is, so that who finds the victim finds them. */
async function train(
  { setup, watch, phases, progress }: Work,
  { train: request, messages }: RunPhases,
  { moments, rounds }: Kept,
): Promise<Victim> {
  const make = async () => {
    const recorder = messageRecorder(rounds);
    const victim = await trainVictim(setup, { moments, progress, recorder });
    if (messages) await phases.getOrMake(messages, async () => recorder.recorded());
    return victim;
  };
  return watch.time('train', async () => {
    const victim = await phases.getOrMake(request, make);
    if (messages) await phases.getOrMake(messages, () => recordAgain(setup, rounds));
    return victim;
  });
}

/** Of a victim that is kept while its messages were removed. */
async function recordAgain(setup: Setup, rounds: readonly number[]) {
  if (setup.noiseRng.source === 'secure') {
    throw new Error(
      'the recorded messages of this victim were removed, and with secure noise they cannot be sent again. --fresh trains another.',
    );
  }
  const recorder = messageRecorder(rounds);
  await trainVictim(setup, { moments: [], recorder });
  return recorder.recorded();
}
