/** One run: train the victim, record what the attackers' views show, attack, score. */

import { type EngineName, useEngine } from '../compile/engine.ts';
import type { AnyAttack, Attack, Knowledge, Observation, Secrets, ViewName } from '../contracts/attack.ts';
import type {
  AttackRecord,
  AuditConfig,
  RoundRecord,
  RunConfig,
  RunProgress,
  RunResult,
} from '../contracts/experiment.ts';
import { firstExamples } from '../data/subset.ts';
import { type Prober, prober } from '../training/probe.ts';
import { type GlobalWeights, type RoundSummary, train } from '../training/train.ts';
import { auditRun } from './audit/run-audit.ts';
import { ledgerOf } from './ledger.ts';
import { scoreAttack } from './scoring.ts';
import { type Setup, type SetupOptions, setUp } from './setup.ts';
import { stopwatch } from './stopwatch.ts';

export interface RunOptions extends SetupOptions {
  readonly engine: EngineName;
  /** Of the engine. */
  readonly threads: number;
  readonly progress: RunProgress;
}

/** What one attack will be shown, and what only the lab and the metrics know of it. */
interface Recorded {
  readonly observations: readonly Observation<ViewName>[];
  readonly global: GlobalWeights;
  /** The truth, in the order of the observations. */
  readonly victims: readonly Int32Array[];
  /** Of the victim at that time, where it adapts. */
  readonly clipNorm: number | undefined;
}

/** @throws ConfigError where data, model, defenses or attacks do not fit each other; Error where training diverges. */
export async function executeRun(config: RunConfig, options: RunOptions): Promise<RunResult> {
  const watch = stopwatch();
  const engine = await useEngine(options.engine, { threads: options.threads });
  const setup = await watch.time('data', () => setUp(config, options));
  const { rounds, recorded, trained } = await watch.time('train', () => trainAndRecord(setup, options.progress));
  const attacks: AttackRecord[] = [];
  for (const [index, { config: attackConfig }] of setup.attacks.entries()) {
    const phase = `attack ${attackConfig.name}`;
    const record = recorded[index];
    if (!record)
      throw new Error(`${phase} asks for round ${setup.attacks[index]?.attack.probe.round}, which was not reached.`);
    attacks.push(
      await watch.time(phase, () => attackAndScore(setup, { index, record, phase, progress: options.progress })),
    );
  }
  const audits = config.audit
    ? await watch.time('audit', () => auditRun(setup, trained.client, config.audit as AuditConfig))
    : [];
  const last = rounds.at(-1);
  if (!last) throw new RangeError(`trainer.rounds must be at least 1, but is ${config.trainer.rounds}.`);
  const channels = ledgerOf(setup, last.summary);
  return {
    config,
    engine: engine.name,
    noiseSource: setup.defenses.length > 0 ? setup.noiseRng.source : 'none',
    cut: setup.cut,
    rounds: rounds.map(({ record }) => record),
    testAccuracy: last.summary.testAccuracy,
    ...channels,
    bytesUp: last.summary.bytesUp,
    bytesDown: last.summary.bytesDown,
    attacks,
    audits,
    dataFiles: setup.files,
    timings: watch.timings(),
  };
}

async function trainAndRecord(setup: Setup, progress: RunProgress) {
  const rounds: { readonly summary: RoundSummary; readonly record: RoundRecord }[] = [];
  const recorded: (Recorded | undefined)[] = setup.attacks.map(() => undefined);
  const probe = proberOf(setup);
  const recordAt = async (round: number | 'end', global: GlobalWeights) => {
    for (const [index, { attack }] of setup.attacks.entries()) {
      if (attack.probe.round !== round) continue;
      const clipNorm = rounds.at(-1)?.summary.clipNorms[0]; // of client 0, whose examples the victims are
      recorded[index] = await recordViews(setup, { attack, index, probe, global, clipNorm });
    }
  };
  const trained = await train(
    { ...setup, data: { ...setup.data, train: setup.sent }, trainer: setup.config.trainer },
    {
      beforeRound: recordAt,
      afterRound: (summary) => {
        rounds.push({ summary, record: roundRecord(setup, summary, rounds.at(-1)?.summary) });
        progress('train', summary.round / setup.config.trainer.rounds);
      },
    },
  );
  await recordAt('end', trained);
  return { rounds, recorded, trained };
}

function proberOf({ model, cut, sent, gradientRule, config }: Setup): Prober {
  const privacy = gradientRule && { rule: gradientRule, normaliser: config.trainer.batchSize };
  return prober({ model, cut, data: sent, privacy });
}

interface Recording {
  readonly attack: AnyAttack;
  readonly index: number;
  readonly probe: Prober;
  readonly global: GlobalWeights;
  readonly clipNorm: number | undefined;
}

async function recordViews(
  { shards, noiseRng, config }: Setup,
  { attack, index, probe, global, clipNorm }: Recording,
): Promise<Recorded> {
  const { victims, batch, releases, round } = attack.probe;
  const chosen = (shards[0] ?? new Int32Array(0)).slice(0, victims);
  const batches = Array.from({ length: Math.ceil(victims / batch) }, (_, part) =>
    chosen.subarray(part * batch, (part + 1) * batch),
  );
  const observations = await probe(global, {
    view: attack.threatModel.view,
    round,
    batches,
    releases,
    noiseRng: noiseRng.fork(`probe/${config.attacks[index]?.name}-${index}`),
    clipNorm,
  });
  return { observations, global, victims: batches, clipNorm };
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

interface AttackRun {
  readonly index: number;
  readonly record: Recorded;
  readonly phase: string;
  readonly progress: RunProgress;
}

async function attackAndScore(setup: Setup, { index, record, phase, progress }: AttackRun): Promise<AttackRecord> {
  const planned = setup.attacks[index];
  if (!planned) throw new RangeError(`there is no attack ${index}.`);
  const tools = {
    rng: setup.rng.fork(`attack/${planned.config.name}-${index}`),
    progress: (share: number) => progress(phase, share),
  };
  const attack = planned.attack as Attack<ViewName, keyof Secrets>;
  const start = performance.now();
  const knowledge = knowledgeOf(setup, attack, record);
  const reconstructions = await attack.run(record.observations, knowledge, tools);
  const seconds = (performance.now() - start) / 1000;
  const { data, auxiliary } = setup;
  return {
    attack: planned.config,
    seconds,
    ...scoreAttack({ ...record, data: data.train, auxiliary, reconstructions }),
  };
}

/** What is public, and of the secrets those that the threat model names: nothing else is handed over. */
function knowledgeOf(
  { model, cut, gradientRule, config, auxiliary }: Setup,
  { threatModel, probe }: Attack<ViewName, keyof Secrets>,
  { global, observations, clipNorm }: Recorded,
): Knowledge<keyof Secrets> {
  const secrets: Secrets = {
    clientParams: global.client.params,
    serverParams: global.server.params,
    auxiliary: probe.auxiliary > 0 ? firstExamples(auxiliary, probe.auxiliary) : auxiliary,
  };
  const known = Object.fromEntries(threatModel.knows.map((name) => [name, secrets[name]]));
  const normaliser = gradientRule ? config.trainer.batchSize : (observations[0]?.batchSize ?? 1);
  const rule = gradientRule && clipNorm !== undefined ? { ...gradientRule, clipNorm } : gradientRule;
  return { model, cut, gradientRule: rule, normaliser, ...(known as unknown as Secrets) };
}
