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
import { attackRequest, recordRequest, trainRequest } from './phases/inputs.ts';
import { noPhaseStore, type PhaseRequest, type PhaseStore } from './phases/store.ts';
import { type Moment, trainVictim, type Victim, weightsAt } from './phases/victim.ts';
import { recordViews, type ViewRequest, victimBatches } from './phases/views.ts';
import { codeId } from './results/code-id.ts';
import { scoreAttack } from './scoring.ts';
import { type Setup, type SetupOptions, setUp } from './setup.ts';
import { type Stopwatch, stopwatch } from './stopwatch.ts';

export interface RunOptions extends SetupOptions {
  readonly engine: EngineName;
  /** Of the engine. */
  readonly threads: number;
  readonly progress: RunProgress;
  /** Where outcomes of phases are kept; nowhere where left out. */
  readonly phases?: PhaseStore | undefined;
  /** Moments that other runs with the same victim ask for. */
  readonly moments?: readonly Moment[] | undefined;
}

/** @throws ConfigError where data, model, defenses or attacks do not fit each other; Error where training diverges. */
export async function executeRun(config: RunConfig, options: RunOptions): Promise<RunResult> {
  const watch = stopwatch();
  const engine = await useEngine(options.engine, { threads: options.threads });
  const setup = await watch.time('data', () => setUp(config, options));
  const work = { setup, watch, phases: options.phases ?? noPhaseStore, progress: options.progress };
  const trained = await train(work, options);
  const attacks: AttackRecord[] = [];
  for (const planned of setup.attacks) attacks.push(await attack(work, trained, planned));
  const { victim } = trained;
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

interface Trained {
  readonly request: PhaseRequest;
  readonly victim: Victim;
}

async function train({ setup, watch, phases, progress }: Work, options: RunOptions): Promise<Trained> {
  const own = setup.attacks.map(({ attack: { probe } }) => probe.round);
  const moments = sorted([...own, ...(options.moments ?? [])]);
  const { engine, threads, noise = 'seeded' } = options;
  const request = trainRequest(setup, { code: codeId(), engine, threads, noise }, moments);
  const make = () => trainVictim(setup, moments, progress);
  return { request, victim: await watch.time('train', () => phases.getOrMake(request, make)) };
}

/** Each once, rounds before the end: equal sets of moments are equal lists. */
function sorted(moments: readonly Moment[]): Moment[] {
  const order = (moment: Moment) => (moment === 'end' ? Number.POSITIVE_INFINITY : moment);
  return [...new Set(moments)].sort((a, b) => order(a) - order(b));
}

async function attack(
  { setup, watch, phases, progress }: Work,
  { request, victim }: Trained,
  planned: Setup['attacks'][number],
): Promise<AttackRecord> {
  const { auxiliary: _, ...probe } = planned.attack.probe;
  const view: ViewRequest = { view: planned.attack.threatModel.view, ...probe };
  const record = recordRequest(request, view);
  const observations = await watch.time('record', () =>
    phases.getOrMake(record, () => recordViews(setup, victim, view)),
  );
  const run = () => runAttack(setup, { planned, victim, observations, progress });
  const { reconstructions, seconds } = await watch.time(`attack ${planned.config.name}`, () =>
    phases.getOrMake(attackRequest(record, planned.config), run),
  );
  const { data, auxiliary } = setup;
  const victims = victimBatches(setup, probe);
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
