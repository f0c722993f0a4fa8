/** Runs one defense against one attack at several seeds, in this process; phases that are stored are not run again. */

import { join } from 'node:path';
import { catalogues as builtIn } from '../cli/catalogues.ts';
import type { EngineName } from '../compile/engine.ts';
import type { MetricScore, RunConfig } from '../contracts/experiment.ts';
import type { Catalogues } from '../lab/catalogues.ts';
import { parseConfiguration, resolvedConfig } from '../lab/config/parse.ts';
import { ConfigError } from '../lab/config/problems.ts';
import { configurationSchema } from '../lab/config/schema.ts';
import { readSource } from '../lab/config/source.ts';
import { isRecord, type Json } from '../lab/config/values.ts';
import { noPhaseStore, type PhaseRequest, type PhaseStore, phaseStore } from '../lab/phases/store.ts';
import { executeRun } from '../lab/run.ts';
import type { SetupOptions } from '../lab/setup.ts';
import type { ChosenAttack, ChosenDefense, Options } from './plug-ins.ts';

/** Sections of an experiment file: what the claim is made of. */
export interface Setting {
  readonly data?: Options;
  readonly model?: Options;
  readonly trainer?: Options;
  readonly ledger?: Options;
}

/** SplitFed V1 on digits, small enough for a test: a run takes seconds. */
export const defaultSetting: Setting = {
  data: { name: 'mnist', train: 1500, test: 1000 },
  model: { name: 'strided' },
  trainer: {
    name: 'splitfed-v1',
    clients: 3,
    rounds: 5,
    batchSize: 25,
    optimizer: { name: 'adam', learningRate: 0.004 },
  },
};

export interface MeasureOptions {
  /** Left out: nothing attacks, and accuracy alone is measured. */
  readonly against?: ChosenAttack | undefined;
  /** 1, 2, …, up to this number, or the seeds themselves; default 5. Each pairs a run of either defense. */
  readonly seeds?: number | readonly number[];
  /** Sections in place of the default's, or an experiment file that has them. */
  readonly setting?: Setting | string;
  /**
   * Folder of stored phases; default node_modules/.cache/cutlayer. What depends on a defense or attack of your own is never stored,
   * since nobody could say when it changed. `false` stores nothing.
   */
  readonly cache?: string | false;
  readonly engine?: EngineName;
  readonly threads?: number;
}

/** Of one seed. */
export interface Measured {
  readonly seed: number;
  readonly accuracy: number;
  readonly scores: readonly MetricScore[];
}

/** Data sets that were read, for the next run: reading takes longer than a stored run. */
const splits: NonNullable<SetupOptions['splits']> = new Map();

/** @throws ConfigError where setting, defense and attack do not fit each other; Error where training diverges. */
export async function measure(defenses: ChosenDefense, options: MeasureOptions): Promise<Measured[]> {
  const { against, engine = 'onnx', threads = 1 } = options;
  const catalogues = withOwn(builtIn, defenses, against);
  const phases = phasesFor(defenses, options);
  const seeds = seedsOf(options);
  const config = configOf(defenses, options, catalogues);
  const measured: Measured[] = [];
  for (const seed of seeds) {
    const run = await executeRun(
      { ...config, seed },
      { catalogues, engine, threads, phases, splits, progress: () => undefined },
    );
    measured.push({ seed, accuracy: run.testAccuracy, scores: run.attacks[0]?.scores ?? [] });
  }
  return measured;
}

/** @throws RangeError for numbers that are no seeds. */
export function seedsOf({ seeds = 5 }: Pick<MeasureOptions, 'seeds'>): readonly number[] {
  const list = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => index + 1) : seeds;
  if (list.length > 0 && list.every(Number.isSafeInteger) && new Set(list).size === list.length) return list;
  throw new RangeError(
    `seeds must be a whole number from 1 on, or a list of whole numbers, each once, but is ${JSON.stringify(seeds)}.`,
  );
}

/** Those of your own stand in for those of the same name. */
function withOwn(all: Catalogues, defenses: ChosenDefense, against: ChosenAttack | undefined): Catalogues {
  const own = defenses.map(({ entry }) => entry);
  const others = all.defenses.filter(({ name }) => !own.some((entry) => entry.name === name));
  return {
    ...all,
    defenses: [...new Set(own), ...others],
    attacks: against ? [against.entry, ...all.attacks.filter(({ name }) => name !== against.entry.name)] : all.attacks,
  };
}

function phasesFor(
  defenses: ChosenDefense,
  { against, cache = join('node_modules', '.cache', 'cutlayer') }: MeasureOptions,
): PhaseStore {
  const areKnown = defenses.every(({ entry }) => builtIn.defenses.includes(entry));
  if (cache === false || !areKnown) return noPhaseStore;
  const stored = phaseStore({ folder: cache, warn: (message) => process.emitWarning(message) });
  if (!against || builtIn.attacks.includes(against.entry)) return stored;
  const storeFor = ({ phase }: PhaseRequest) => (phase === 'attack' ? noPhaseStore : stored);
  return {
    getOrMake: (request, make) => storeFor(request).getOrMake(request, make),
    getOrMakeIfFree: (request, make) => storeFor(request).getOrMakeIfFree(request, make),
  };
}

function configOf(
  defenses: ChosenDefense,
  { against, setting }: MeasureOptions,
  catalogues: Catalogues,
): Omit<RunConfig, 'seed'> {
  const values: Json = {
    name: 'claim',
    ...sectionsOf(setting),
    defenses: defenses.map(({ entry, options }) => ({ name: entry.name, ...options })),
    attacks: against ? [{ name: against.entry.name, ...against.options }] : [],
  };
  const { parsed, wrong } = parseConfiguration(configurationSchema(catalogues), values, catalogues);
  if (!parsed || wrong.problems.length > 0) throw new ConfigError(wrong.problems);
  return resolvedConfig(parsed, catalogues);
}

function sectionsOf(setting: Setting | string = {}): Readonly<Record<string, Json>> {
  const given: Json = typeof setting === 'string' ? readSource(setting).values : { ...setting };
  const { data, model, trainer, ledger } = { ...defaultSetting, ...(isRecord(given) ? given : {}) };
  return { data, model, trainer, ...(ledger !== undefined && { ledger }) };
}
