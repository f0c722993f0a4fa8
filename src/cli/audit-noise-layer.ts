/** The noise layer that `cutlayer audit mechanism pixeldp` runs. Loads the catalogues: imported only where it is asked for. */

import type { DefenseEntry } from '../contracts/defense.ts';
import type { OptionValues } from '../contracts/options.ts';
import type { Rng } from '../contracts/rng.ts';
import { diracWeights, type MechanismSampler, noiseLayerSampler } from '../lab/audit/index.ts';
import { optionSchema } from '../lab/config/option-schema.ts';
import { catalogues } from './catalogues.ts';
import { oneOf } from './one-of.ts';
import { UsageError } from './usage-error.ts';

export interface LayerArguments {
  readonly delta: number;
  readonly model: string;
  readonly noise: string;
  readonly epsilon: number;
  readonly distance: number;
  readonly sensitivity: string;
}

const inputShape = [12, 12, 1] as const; // the claim does not depend on it, the time does

/** The defense on the first layer of a model for small gray images, under the weights that put its claim to the test. */
export async function layerSampler(given: LayerArguments, rng: Rng): Promise<MechanismSampler> {
  const model = modelNamed(given.model);
  const { noise, epsilon, distance, sensitivity } = given;
  const options = checkedOptions(pixeldpEntry(), { noise, epsilon, distance, sensitivity });
  const site = { cut: 1, inputShape, batchSize: 1, clients: [], delta: given.delta };
  const defense = pixeldpEntry().create(options, site);
  const layers = defense.protectLayers?.(model.layers.slice(0, 1)) ?? [];
  const claim = defense.activationRelease?.(distance);
  if (!claim) throw new Error('pixeldp makes no claim about its release');
  const weights = diracWeights(layers, inputShape, rng);
  return noiseLayerSampler({ layers, inputShape, weights, claim, distance, rng });
}

function modelNamed(name: string) {
  const known = oneOf(
    '--model',
    name,
    catalogues.models.map((entry) => entry.name),
  );
  const entry = catalogues.models.find((candidate) => candidate.name === known);
  if (!entry) throw new Error(`the catalogue has no model "${known}"`);
  return entry.build({ inputShape, classes: 10 });
}

function pixeldpEntry(): DefenseEntry {
  const entry = catalogues.defenses.find(({ name }) => name === 'pixeldp');
  if (!entry) throw new Error('the catalogue has no defense "pixeldp"');
  return entry;
}

/** Throws a UsageError that says what is allowed, as an experiment file would. */
function checkedOptions({ options }: DefenseEntry, given: OptionValues): OptionValues {
  const checked = Object.entries(options).map(([name, spec]) => {
    const parsed = optionSchema(spec).safeParse(given[name]);
    if (!parsed.success) throw new UsageError(`--${name} ${parsed.error.issues[0]?.message}`);
    return [name, parsed.data] as const;
  });
  return Object.fromEntries(checked) as OptionValues;
}
