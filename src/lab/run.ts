/** One run: train the victim, record what the attackers' views show, attack, score. */

import { type EngineName, useEngine } from '../compile/engine.ts';
import type {
  AttackRecord,
  AuditConfig,
  RoundRecord,
  RunConfig,
  RunProgress,
  RunResult,
} from '../contracts/experiment.ts';
import type { RoundSummary } from '../training/train.ts';
import { auditRun } from './audit/run-audit.ts';
import { ledgerOf } from './ledger.ts';
import { runAttack } from './phases/attack.ts';
import { momentsOf, phasesOf, phasesOn, type RunPhases, viewOf } from './phases/inputs.ts';
import { messageRecorder } from './phases/messages.ts';
import { noPhaseStore, type PhaseRequest, type PhaseStore } from './phases/store.ts';
import { type Moment, trainVictim, type Victim, victimIdOf, weightsAt } from './phases/victim.ts';
import { recordViews, victimBatches } from './phases/views.ts';
import { conditionsOf } from './results/conditions.ts';
import { scoreAttack } from './scoring.ts';
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

/** @throws ConfigError where data, model, defenses or attacks do not fit each other; Error where training diverges. */
export async function executeRun(config: RunConfig, options: RunOptions): Promise<RunResult> {
  const watch = stopwatch();
  const engine = await useEngine(options.engine, { threads: options.threads, device: options.device });
  const setup = await watch.time('data', () => setUp(config, options));
  const { phases = noPhaseStore, progress, stop } = options;
  const work = { setup, watch, phases, progress };
  const views = setup.attacks.map(({ attack: own }) => viewOf(own));
  const moments = options.moments ?? momentsOf(views);
  const requests = phasesOf(
    { config, dataFiles: setup.files, views, recordedRounds: options.recordedRounds },
    conditionsOf({ ...options, noise: options.noise ?? 'seeded' }),
    moments,
  );
  const victim = await train(work, requests, { moments, rounds: options.recordedRounds ?? [] });
  const { records, attacks: requested } =
    options.noise === 'secure' ? phasesOn(requests, victimIdOf(victim)) : requests;
  const attacks: AttackRecord[] = [];
  for (const [index, planned] of setup.attacks.entries()) {
    stop?.throwIfAborted();
    const [record, request] = [records[index], requested[index]];
    if (record && request) attacks.push(await attack(work, victim, { planned, record, attack: request }));
  }
  const audits = config.audit
    ? await watch.time('audit', () => auditRun(setup, weightsAt(victim, 'end').client, config.audit as AuditConfig))
    : [];
  const last = victim.rounds.at(-1);
  if (!last) throw new RangeError(`trainer.rounds must be at least 1, but is ${config.trainer.rounds}.`);
  return {
    config,
    engine: engine.name,
    noiseSource: setup.defenses.length > 0 ? setup.noiseRng.source : 'none',
    cut: setup.cut,
    rounds: victim.rounds.map((summary, index) => roundRecord(setup, summary, victim.rounds[index - 1])),
    testAccuracy: last.testAccuracy,
    confusion: last.confusion,
    ...ledgerOf(setup, last),
    bytesUp: last.bytesUp,
    bytesDown: last.bytesDown,
    attacks,
    audits,
    dataFiles: setup.files,
    timings: watch.timings(),
  };
}

/** What goes through all phases of a run. */
interface Work {
  readonly setup: Setup;
  readonly watch: Stopwatch;
  readonly phases: PhaseStore;
  readonly progress: RunProgress;
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

interface Planned {
  readonly planned: Setup['attacks'][number];
  readonly record: PhaseRequest;
  readonly attack: PhaseRequest;
}

async function attack(
  { setup, watch, phases, progress }: Work,
  victim: Victim,
  { planned, record, attack: request }: Planned,
): Promise<AttackRecord> {
  const view = viewOf(planned.attack);
  const observations = await watch.time('record', () =>
    phases.getOrMake(record, () => recordViews(setup, victim, view)),
  );
  const run = () => runAttack(setup, { planned, victim, observations, progress });
  const { reconstructions, seconds } = await watch.time(`attack ${planned.config.name}`, () =>
    phases.getOrMake(request, run),
  );
  const { data, auxiliary } = setup;
  const victims = victimBatches(setup, view);
  const scored = scoreAttack({ data: data.train, auxiliary, victims, observations, reconstructions });
  return { attack: planned.config, seconds, ...scored };
}

function roundRecord(setup: Setup, summary: RoundSummary, previous: RoundSummary | undefined): RoundRecord {
  const { round, trainLoss, testLoss, testAccuracy } = summary;
  const { epsilonActivation, epsilonWeights } = ledgerOf(setup, summary);
  return {
    round,
    trainLoss,
    testLoss,
    testAccuracy,
    epsilonActivation,
    epsilonWeights,
    bytesUp: summary.bytesUp - (previous?.bytesUp ?? 0),
    bytesDown: summary.bytesDown - (previous?.bytesDown ?? 0),
  };
}
