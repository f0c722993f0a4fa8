/** The noise layer that `cutlayer audit mechanism pixeldp` runs. Loads the catalogues: imported only where it is asked for. */

import type { Rng } from '../contracts/rng.ts';
import { diracWeights, type MechanismSampler, noiseLayerSampler } from '../lab/audit/index.ts';
import { checkedOptions, defenseNamed } from './audit-defense.ts';
import { catalogues } from './catalogues.ts';
import { oneOf } from './one-of.ts';

export interface LayerArguments {
  readonly delta: number;
  readonly model: string;
  readonly noise: string;
  readonly epsilon: number;
  readonly distance: number;
  readonly inputNorm?: string | undefined;
  readonly sensitivity: string;
}

const inputShape = [12, 12, 1] as const; // the claim does not depend on it, the time does

/** The defense on the first layer of a model for small gray images, under the weights that put its claim to the test. */
export async function layerSampler(given: LayerArguments, rng: Rng): Promise<MechanismSampler> {
  const model = modelNamed(given.model);
  const { noise, epsilon, distance, inputNorm, sensitivity } = given;
  const entry = defenseNamed('pixeldp');
  const options = checkedOptions(entry, { noise, epsilon, distance, inputNorm, sensitivity });
  const site = { cut: 1, inputShape, batchSize: 1, clients: [], delta: given.delta };
  const defense = entry.create(options, site);
  const layers = defense.protectLayers?.(model.layers.slice(0, 1)) ?? [];
  const claim = defense.activationRelease?.(distance);
  if (!claim) throw new Error('pixeldp makes no claim about its release');
  const weights = diracWeights(layers, inputShape, rng);
  const inputs = { inputShape, distance, inputNorm: defense.activationNorm };
  return noiseLayerSampler({ layers, weights, claim, ...inputs, rng });
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
