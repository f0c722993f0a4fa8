/** One run: train the victim, record what the attackers' views show, attack, score. */

import { secureRng, seededRng } from '../arrays/rng.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import type { AnyAttack, Attack, Knowledge, Observation, Secrets, ViewName } from '../contracts/attack.ts';
import type { DataSplits, Dataset } from '../contracts/dataset.ts';
import type { Defense, GradientRule } from '../contracts/defense.ts';
import type { AttackRecord, RoundRecord, RunConfig, RunProgress, RunResult } from '../contracts/experiment.ts';
import type { Model } from '../contracts/model.ts';
import type { Rng, RngSource } from '../contracts/rng.ts';
import { partition } from '../data/partition.ts';
import { firstExamples, subset } from '../data/subset.ts';
import { stepsPerEpoch } from '../training/lots.ts';
import { type Prober, prober } from '../training/probe.ts';
import { type Protocol, protocolOf } from '../training/protocol.ts';
import { type GlobalWeights, type RoundSummary, train } from '../training/train.ts';
import type { Catalogues } from './catalogues.ts';
import { ledgerOf } from './ledger.ts';
import { scoreAttack } from './scoring.ts';
import { stopwatch } from './stopwatch.ts';

export interface RunOptions {
  readonly catalogues: Catalogues;
  readonly engine: EngineName;
  readonly threads: number;
  readonly dataDir?: string | undefined;
  /** Where privacy noise comes from; default seeded. */
  readonly noise?: RngSource;
  readonly progress: RunProgress;
}

/** Everything that is fixed before training starts. */
interface Setup {
  readonly config: RunConfig;
  readonly protocol: Protocol;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  /** The attackers' own examples: of the test split, but for those that measure accuracy where there are others. */
  readonly auxiliary: Dataset;
  readonly files: DataSplits['files'];
  readonly shards: readonly Int32Array[];
  readonly defenses: readonly Defense[];
  readonly gradientRule: GradientRule | undefined;
  readonly model: Model;
  readonly cut: number;
  readonly rng: Rng;
  readonly noiseRng: Rng;
  readonly attacks: readonly { readonly attack: AnyAttack; readonly config: RunConfig['attacks'][number] }[];
}

/** What one attack will be shown, and what only the lab and the metrics know of it. */
interface Recorded {
  readonly observations: readonly Observation<ViewName>[];
  readonly global: GlobalWeights;
  /** The truth, in the order of the observations. */
  readonly victims: readonly Int32Array[];
}

/** @throws RangeError where data, model, defenses or attacks do not fit each other; Error where training diverges. */
export async function executeRun(config: RunConfig, options: RunOptions): Promise<RunResult> {
  const watch = stopwatch();
  const engine = await useEngine(options.engine, { threads: options.threads });
  const setup = await watch.time('data', () => setUp(config, options));
  const { rounds, recorded } = await watch.time('train', () => trainAndRecord(setup, options.progress));
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
    dataFiles: setup.files,
    timings: watch.timings(),
  };
}

async function setUp(config: RunConfig, { catalogues, dataDir, noise }: RunOptions): Promise<Setup> {
  const { train: trainCount, test: testCount, name, dir = dataDir } = config.data;
  const splits = await named(catalogues.datasets, name, 'data.name').load({ train: trainCount, dir });
  const protocol = protocolOf(config.trainer.name);
  const rng = seededRng(config.seed);
  const data = { train: splits.train, test: firstExamples(splits.test, testCount) };
  const shards = shardsOf(config, protocol, { data: data.train, rng });
  const { shape: inputShape, classes } = data.train;
  const plain = named(catalogues.models, config.model.name, 'model.name').build({
    inputShape,
    classes,
    init: config.model.init,
  });
  const cut = protocol.hasServer ? config.model.cut : plain.layers.length;
  const defenses = defensesOf(config, catalogues, { cut, inputShape, shards });
  const attacks = config.attacks.map((attack) => ({
    config: attack,
    attack: named(catalogues.attacks, attack.name, 'attacks').create(optionsOf(attack), attack.view),
  }));
  const setup: Setup = {
    config,
    protocol,
    data,
    auxiliary: auxiliaryOf(splits.test, data.test.size),
    files: splits.files,
    shards,
    defenses,
    gradientRule: defenses.find((defense) => defense.gradientRule)?.gradientRule,
    model: protectedModel(plain, defenses),
    cut,
    rng,
    noiseRng: noise === 'secure' ? secureRng() : rng.fork('noise'),
    attacks,
  };
  requireMaterial(setup);
  return setup;
}

/** The entry of a catalogue. Configurations were checked; this guards who calls the lab directly. */
function named<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string, where: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  throw new RangeError(`${where} must be one of ${entries.map((e) => e.name).join(', ')}, but is "${name}".`);
}

function shardsOf(
  { trainer }: RunConfig,
  protocol: Protocol,
  { data, rng }: { data: Dataset; rng: Rng },
): readonly Int32Array[] {
  const clients = protocol.isCentral ? 1 : trainer.clients;
  const config = protocol.isCentral ? ({ name: 'iid' } as const) : trainer.partition;
  return partition(data.labels, clients, config, rng.fork('partition'));
}

function defensesOf(
  { defenses, trainer, ledger }: RunConfig,
  catalogues: Catalogues,
  { cut, inputShape, shards }: { cut: number; inputShape: Dataset['shape']; shards: readonly Int32Array[] },
): Defense[] {
  const { batchSize, rounds, localEpochs } = trainer;
  const clients = shards.map(({ length: examples }) => ({
    examples,
    steps: rounds * localEpochs * stepsPerEpoch(examples, batchSize),
  }));
  const site = { cut, inputShape, batchSize, clients, delta: ledger.delta };
  return defenses.map((defense) =>
    named(catalogues.defenses, defense.name, 'defenses').create(optionsOf(defense), site),
  );
}

/** The plug-in's own options, without its name. */
function optionsOf({ name: _, view: __, ...options }: RunConfig['defenses'][number]) {
  return options;
}

function protectedModel(model: Model, defenses: readonly Defense[]): Model {
  const layers = defenses.reduce((current, defense) => defense.protectLayers?.(current) ?? current, model.layers);
  return { ...model, layers };
}

/** Examples of the test split that do not measure accuracy; all of it where none are left over. */
function auxiliaryOf(test: Dataset, reported: number): Dataset {
  const rest = Int32Array.from({ length: test.size - reported }, (_, index) => reported + index);
  return rest.length > 0 ? subset(test, rest) : test;
}

/** Attacks ask for what there is; better said before an hour of training than after. */
function requireMaterial({ attacks, shards, auxiliary, config }: Setup): void {
  const available = shards[0]?.length ?? 0;
  attacks.forEach(({ attack: { probe }, config: { name } }, index) => {
    const where = `attacks.${index}`;
    if (probe.victims > available) {
      throw new RangeError(
        `${where}: ${name} asks for ${probe.victims} victims, but client 0 has ${available} examples. ` +
          `Set ${where}.victims to at most ${available}.`,
      );
    }
    if (probe.auxiliary > auxiliary.size) {
      throw new RangeError(
        `${where}: ${name} asks for ${probe.auxiliary} auxiliary examples, but the test split leaves ${auxiliary.size}. ` +
          `Set ${where}.auxiliary to at most ${auxiliary.size}, or data.test lower.`,
      );
    }
    if (typeof probe.round === 'number' && probe.round > config.trainer.rounds) {
      throw new RangeError(
        `${where}: ${name} attacks round ${probe.round}, but there are ${config.trainer.rounds}. Set ${where}.round lower.`,
      );
    }
  });
}

async function trainAndRecord(setup: Setup, progress: RunProgress) {
  const rounds: { readonly summary: RoundSummary; readonly record: RoundRecord }[] = [];
  const recorded: (Recorded | undefined)[] = setup.attacks.map(() => undefined);
  const probe = proberOf(setup);
  const recordAt = async (round: number | 'end', global: GlobalWeights) => {
    for (const [index, { attack }] of setup.attacks.entries()) {
      if (attack.probe.round === round) recorded[index] = await recordViews(setup, { attack, index, probe, global });
    }
  };
  const trained = await train(
    { ...setup, trainer: setup.config.trainer },
    {
      beforeRound: recordAt,
      afterRound: (summary) => {
        rounds.push({ summary, record: roundRecord(setup, summary, rounds.at(-1)?.summary) });
        progress('train', summary.round / setup.config.trainer.rounds);
      },
    },
  );
  await recordAt('end', trained);
  return { rounds, recorded };
}

function proberOf({ model, cut, data, gradientRule, config }: Setup): Prober {
  const privacy = gradientRule && { rule: gradientRule, normaliser: config.trainer.batchSize };
  return prober({ model, cut, data: data.train, privacy });
}

async function recordViews(
  { shards, noiseRng, config }: Setup,
  { attack, index, probe, global }: { attack: AnyAttack; index: number; probe: Prober; global: GlobalWeights },
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
  });
  return { observations, global, victims: batches };
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
  { global, observations }: Recorded,
): Knowledge<keyof Secrets> {
  const secrets: Secrets = {
    clientParams: global.client.params,
    serverParams: global.server.params,
    auxiliary: probe.auxiliary > 0 ? firstExamples(auxiliary, probe.auxiliary) : auxiliary,
  };
  const known = Object.fromEntries(threatModel.knows.map((name) => [name, secrets[name]]));
  const normaliser = gradientRule ? config.trainer.batchSize : (observations[0]?.batchSize ?? 1);
  return { model, cut, gradientRule, normaliser, ...(known as unknown as Secrets) };
}
