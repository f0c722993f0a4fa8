/** The settings of an experiment that cost different amounts, each with its table. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { DatasetEntry } from '../../contracts/dataset.ts';
import type { RunConfig } from '../../contracts/experiment.ts';
import type { ModelEntry, ModelOptions } from '../../contracts/model.ts';
import type { Catalogues } from '../../lab/catalogues.ts';
import type { PlannedRun } from '../../lab/config/experiment.ts';
import { describeLayers } from '../../models/index.ts';
import { analyticCost, type CostRow } from '../../training/cost.ts';
import { UsageError } from '../usage-error.ts';

/** What the cost depends on. */
interface Setting {
  readonly dataset: string;
  /** Of all clients together. */
  readonly examples: number;
  readonly clients: number;
  /** Clients that take part in a round. */
  readonly participants: number;
  readonly localEpochs: number;
  readonly model: string;
  readonly cut: number;
}

export interface PricedSetting extends Setting {
  readonly rows: readonly CostRow[];
}

export interface PricingOptions {
  readonly catalogues: Catalogues;
  readonly dataDir: string | undefined;
}

/**
 * One entry for each different setting, in the order of the runs: seeds and attacks send nothing more, and defenses only where they
 * change how many clients take part.
 */
export async function pricedSettings(
  planned: readonly PlannedRun[],
  { catalogues, dataDir }: PricingOptions,
): Promise<PricedSetting[]> {
  const priced = new Map<string, PricedSetting>();
  for (const { config, participants } of planned) {
    const { data, model, trainer } = config;
    const { clients, localEpochs } = trainer;
    const key = JSON.stringify([data, model.name, model.cut, clients, participants, localEpochs]);
    if (priced.has(key)) continue;
    const { examples, ...shape } = await materialOf(data, named(catalogues.datasets, data.name), dataDir);
    const counts = { examples, clients, participants, localEpochs };
    const setting = { dataset: data.name, ...counts, model: model.name, cut: model.cut };
    priced.set(key, price(setting, named(catalogues.models, model.name), shape));
  }
  return [...priced.values()];
}

/** Configurations were checked, so the name is there. */
function named<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  throw new UsageError(`there is no "${name}" among ${entries.map((known) => known.name).join(', ')}.`);
}

type Material = ModelOptions & { readonly examples: number };

/** Nothing is read where the number of examples is given and the data set's shape is known. */
async function materialOf(
  { train, dir }: RunConfig['data'],
  { shape, classes, load }: DatasetEntry,
  dataDir: string | undefined,
): Promise<Material> {
  if (train !== undefined && shape && classes !== undefined) return { examples: train, inputShape: shape, classes };
  try {
    const { train: split } = await load({ train, dir: dir ?? dataDir });
    return { examples: split.size, inputShape: split.shape, classes: split.classes };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function price(setting: Setting, entry: ModelEntry, shape: ModelOptions): PricedSetting {
  const { model, cut, examples, clients, participants, localEpochs } = setting;
  const layers = layersOf(entry, shape);
  const cutLayer = layers[cut - 1];
  if (cutLayer === undefined || cut >= layers.length) {
    throw new UsageError(`model.cut must be between 1 and ${layers.length - 1} for model "${model}", but is ${cut}.`);
  }
  const count = (some: typeof layers) => some.reduce((sum, layer) => sum + layer.parameters, 0);
  const rows = analyticCost({
    examples,
    clients,
    participants,
    localEpochs,
    smashedValues: sizeOf(cutLayer.outputShape),
    parameters: count(layers),
    clientParameters: count(layers.slice(0, cut)),
  });
  return { ...setting, rows };
}

function layersOf(entry: ModelEntry, shape: ModelOptions) {
  try {
    return describeLayers(entry.build(shape));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
