/** Everything that is fixed before training starts: data, model, defenses and attacks, checked against each other. */

import { secureRng, seededRng } from '../arrays/rng.ts';
import type { AnyAttack } from '../contracts/attack.ts';
import type { DataSplits, Dataset } from '../contracts/dataset.ts';
import type { Defense, DefenseSite, GradientRule, LabelRule, UpdateRule } from '../contracts/defense.ts';
import type { RunConfig } from '../contracts/experiment.ts';
import type { Layer, Model } from '../contracts/model.ts';
import type { Rng, RngSource } from '../contracts/rng.ts';
import { partition } from '../data/partition.ts';
import { outputShapes, splitModel } from '../models/network.ts';
import { requireOwnClaims } from '../models/wrap-layer.ts';
import { requirePoissonLots, stepsPerEpoch } from '../training/lots.ts';
import { requirePrivateModel } from '../training/private-model.ts';
import { type Protocol, protocolOf } from '../training/protocol.ts';
import { attacksOf, requireMaterial } from './attack-setup.ts';
import { type Catalogues, named, optionsOf } from './catalogues.ts';
import { clientsPath, cutPath, dataPaths, modelPath, partitionPaths, testPaths, trainerPath } from './config/paths.ts';
import { type Checklist, ConfigError, checklist } from './config/problems.ts';
import { exceptFirst, firstOnes } from './data-parts.ts';

export interface SetupOptions {
  readonly catalogues: Catalogues;
  readonly dataDir?: string | undefined;
  /** Where privacy noise comes from; default seeded. */
  readonly noise?: RngSource | undefined;
  /** Data sets that were read already, for who sets up many runs. */
  readonly splits?: Map<string, Promise<DataSplits>>;
}

export interface Setup {
  readonly config: RunConfig;
  readonly protocol: Protocol;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  /** The attackers' own examples: of the test split, but for those that measure accuracy where there are others. */
  readonly auxiliary: Dataset;
  readonly files: DataSplits['files'];
  readonly warnings: DataSplits['warnings'];
  readonly shards: readonly Int32Array[];
  readonly defenses: readonly Defense[];
  readonly gradientRule: GradientRule | undefined;
  readonly updateRule: UpdateRule | undefined;
  /** How clients randomize labels before training; true ones are used where undefined. */
  readonly labelRule: LabelRule | undefined;
  readonly model: Model;
  /** Layers on the client: all of them without a server. */
  readonly cut: number;
  readonly rng: Rng;
  readonly noiseRng: Rng;
  readonly attacks: readonly { readonly attack: AnyAttack; readonly config: RunConfig['attacks'][number] }[];
}

/** @throws ConfigError with everything that does not fit: files, examples, shapes, cut, defenses, attacks. */
export async function setUp(config: RunConfig, options: SetupOptions): Promise<Setup> {
  const splits = await loadSplits(config, options);
  const check = checklist();
  const protocol = protocolOf(config.trainer.name);
  const rng = seededRng(config.seed);
  const data = { train: firstOf('train', config, splits, check), test: firstOf('test', config, splits, check) };
  const shards = check.attempt(clientsPath, () => shardsOf(config, protocol, { data: data.train, rng }), [
    ...partitionPaths,
    ...dataPaths,
  ]);
  const plain = check.attempt(modelPath, () => modelOf(config, options.catalogues, data.train), dataPaths);
  const cut = plain && check.attempt(cutPath, () => cutOf(config, protocol, plain), [modelPath, trainerPath]);
  const attacks = attacksOf(config, options.catalogues, check);
  const auxiliary = auxiliaryOf(splits.test, data.test.size);
  if (!plain) return refused(check);
  // Where the cut or the shards are wrong, the most lenient ones stand in, so that only what is wrong anyway is added.
  const lenient = {
    plain,
    cut: cut ?? plain.layers.length,
    shards: shards ?? [allOf(data.train)],
    noise: options.noise,
    check,
  };
  const { defenses, model } = defended(config, options.catalogues, lenient);
  requireLots(config, { shards: lenient.shards, rule: rulesOf(defenses).gradientRule, check });
  requireMaterial({ config, attacks, shards: lenient.shards, auxiliary, check });
  if (cut === undefined || !shards) return refused(check);
  check.requireClean();
  const noiseRng = options.noise === 'secure' ? secureRng() : rng.fork('noise');
  return {
    config,
    protocol,
    data,
    auxiliary,
    files: splits.files,
    warnings: splits.warnings,
    shards,
    defenses,
    ...withSecureNoise(rulesOf(defenses), options.noise),
    labelRule: defenses.find((defense) => defense.labelRule)?.labelRule,
    model,
    cut,
    rng,
    noiseRng,
    attacks: attacks.flatMap((attack, index) => {
      const own = config.attacks[index];
      return attack && own ? [{ attack, config: own }] : [];
    }),
  };
}

/** The examples of a split that the configuration asks for; all of it stands in where it has fewer. */
function firstOf(split: 'train' | 'test', { data }: RunConfig, splits: DataSplits, check: Checklist): Dataset {
  const first = () => firstOnes(splits[split], data[split]);
  return check.attempt(['data', split], first, split === 'train' ? dataPaths : testPaths) ?? splits[split];
}

function allOf({ size }: Dataset): Int32Array {
  return Int32Array.from({ length: size }, (_, index) => index);
}

function refused(check: Checklist): never {
  check.requireClean();
  throw new Error('a setup is incomplete, and nothing says why.');
}

async function loadSplits({ data }: RunConfig, { catalogues, dataDir, splits }: SetupOptions): Promise<DataSplits> {
  const request = { dir: data.dir ?? dataDir };
  const key = JSON.stringify([data.name, request]);
  try {
    const loaded = splits?.get(key) ?? named(catalogues.datasets, data.name).load(request);
    splits?.set(key, loaded);
    return await loaded;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const path = ['data', data.dir === undefined ? 'name' : 'dir'];
    throw new ConfigError([{ path, related: [['data', 'name']], message }], { cause });
  }
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

/** Shapes are gone through here, so that a layer that does not fit is named before anything is trained. */
function modelOf({ model }: RunConfig, { models }: Catalogues, { shape, classes }: Dataset): Model {
  const built = named(models, model.name).build({ inputShape: shape, classes, init: model.init });
  outputShapes(built.layers, built.inputShape);
  return built;
}

function cutOf({ model }: RunConfig, { hasServer }: Protocol, built: Model): number {
  if (!hasServer) return built.layers.length;
  splitModel(built, model.cut);
  return model.cut;
}

interface Undefended {
  readonly plain: Model;
  readonly cut: number;
  readonly shards: readonly Int32Array[];
  readonly noise: RngSource | undefined;
  readonly check: Checklist;
}

/** The defenses in their order, and the model with their layers in it. */
function defended(
  config: RunConfig,
  catalogues: Catalogues,
  { plain, cut, shards, noise, check }: Undefended,
): { defenses: Defense[]; model: Model } {
  const site = { ...siteOf(config, { plain, cut, shards }), noise };
  const made: Defense[] = [];
  let layers = plain.layers;
  for (const [index, defense] of config.defenses.entries()) {
    check.attempt(['defenses', index], () => {
      requireOnce(config.defenses, index);
      const before = rulesOf(made);
      const own = named(catalogues.defenses, defense.name).create(optionsOf(defense), site);
      layers = protectedLayers(own, layers);
      if (before.gradientRule && own.gradientRule) throw new RangeError(twoRules(own, made));
      made.push(own);
      if (own.gradientRule || own.updateRule) requirePrivateModel({ model: plain, cut, ...rulesOf(made) });
    });
  }
  return { defenses: made, model: { ...plain, layers } };
}

/** @throws RangeError where the defense changes a layer's function and leaves it the claims of the old one. */
function protectedLayers({ protectLayers }: Defense, layers: readonly Layer[]): readonly Layer[] {
  const changed = protectLayers?.(layers) ?? layers;
  for (const [index, layer] of layers.entries()) requireOwnClaims(layer, changed[index] as Layer);
  return changed;
}

function siteOf(
  { trainer, ledger }: RunConfig,
  { plain, cut, shards }: Pick<Undefended, 'plain' | 'cut' | 'shards'>,
): DefenseSite {
  const { batchSize, rounds, localEpochs, participation } = trainer;
  const clients = shards.map(({ length: examples }) => ({
    examples,
    steps: rounds * localEpochs * stepsPerEpoch(examples, batchSize),
  }));
  const { clientPart, hasServer } = protocolOf(trainer.name);
  const averaging = clientPart === 'averaged' ? { rounds, participation } : undefined;
  const split = hasServer ? { passes: rounds * localEpochs, classes: plain.classes } : undefined;
  return { cut, inputShape: plain.inputShape, batchSize, clients, delta: ledger.delta, averaging, split };
}

function rulesOf(defenses: readonly Defense[]) {
  return {
    gradientRule: defenses.find((defense) => defense.gradientRule)?.gradientRule,
    updateRule: defenses.find((defense) => defense.updateRule)?.updateRule,
  };
}

interface LotRequest {
  readonly shards: readonly Int32Array[];
  readonly rule: GradientRule | undefined;
  readonly check: Checklist;
}

/** Without noise on gradients, a batch larger than the data is just one batch. */
function requireLots({ trainer }: RunConfig, { shards, rule, check }: LotRequest): void {
  if (!rule || rule.lots === 'passes') return;
  const related = [clientsPath, ...partitionPaths, ...dataPaths];
  check.attempt(['trainer', 'batchSize'], () => requirePoissonLots(shards, trainer.batchSize), related);
}

function twoRules({ name }: Defense, made: readonly Defense[]): string {
  const other = made.find(({ gradientRule }) => gradientRule)?.name;
  return `"${name}" clips and noises gradients, as "${other}" does. Leave one of them out.`;
}

/** Secure noise is drawn on a lattice, and what it is added to has to lie there too. */
function withSecureNoise(rules: ReturnType<typeof rulesOf>, noise: RngSource | undefined) {
  const { gradientRule } = rules;
  return noise === 'secure' && gradientRule ? { ...rules, gradientRule: { ...gradientRule, onLattice: true } } : rules;
}

/** A ledger has one mechanism a channel. */
function requireOnce(defenses: RunConfig['defenses'], index: number): void {
  const first = defenses.findIndex(({ name }) => name === defenses[index]?.name);
  if (first < index)
    throw new RangeError(`is "${defenses[index]?.name}" as defenses.${first} is. Name a defense once.`);
}

/** Examples of the test split that do not measure accuracy; all of it where none are left over. */
function auxiliaryOf(test: Dataset, reported: number): Dataset {
  return reported < test.size ? exceptFirst(test, reported) : test;
}
