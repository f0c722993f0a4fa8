/** One exchange as an attack is shown it, with the truth beside it: for tests of attacks. */

import { seededRng } from '../../arrays/rng.ts';
import type { NdArray } from '../../contracts/array.ts';
import type { Knowledge, Observation, Secrets, ViewName } from '../../contracts/attack.ts';
import type { Dataset } from '../../contracts/dataset.ts';
import type { GradientRule } from '../../contracts/defense.ts';
import type { Model } from '../../contracts/model.ts';
import { batchOf, labelsOf } from '../../data/batches.ts';
import { initWeights, splitWeights } from '../../models/network.ts';
import { prober } from '../probe.ts';

export interface Scene<V extends ViewName> {
  /** With its defenses in it. */
  readonly model: Model;
  /** Layers on the client; all of them for view `server`. */
  readonly cut: number;
  readonly view: V;
  readonly data: Dataset;
  /** Indices into the data, one list an observation. */
  readonly batches: readonly (readonly number[])[];
  readonly releases?: number;
  readonly gradientRule?: GradientRule;
  readonly auxiliary?: Dataset;
  /** Of the weights and the noise. */
  readonly seed?: number;
}

export interface Observed<V extends ViewName> {
  readonly observations: readonly Observation<V>[];
  /** All secrets; hand over those that a threat model names. */
  readonly knowledge: Knowledge<keyof Secrets>;
  /** The truth, in the order of the observations. */
  readonly images: readonly NdArray[];
  readonly labels: readonly Int32Array[];
}

/** Freshly initialized weights, one exchange for each batch. */
export async function observe<V extends ViewName>(scene: Scene<V>): Promise<Observed<V>> {
  const { model, view, data, gradientRule, auxiliary = data, releases = 1, seed = 1 } = scene;
  const cut = view === 'server' ? model.layers.length : scene.cut;
  const batches = scene.batches.map((indices) => Int32Array.from(indices));
  const normaliser = batches[0]?.length ?? 1;
  const privacy = gradientRule && { rule: gradientRule, normaliser };
  const rng = seededRng(seed);
  const weights = splitWeights(initWeights(model, rng.fork('weights')), cut);
  const probe = prober({ model, cut, data, privacy });
  const noiseRng = rng.fork('noise');
  return {
    observations: await probe(weights, { view, round: 1, batches, releases, noiseRng }),
    knowledge: {
      ...{ model, cut, gradientRule, normaliser, auxiliary },
      clientParams: weights.client.params,
      serverParams: weights.server.params,
    },
    images: batches.map((indices) => batchOf(data, indices).x),
    labels: batches.map((indices) => labelsOf(data, indices)),
  };
}
