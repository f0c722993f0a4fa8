/** What is to be trained, and what two parties hold of it. */

import type { Dataset } from '../contracts/dataset.ts';
import type { GradientRule, UpdateRule } from '../contracts/defense.ts';
import type { TrainerConfig } from '../contracts/experiment.ts';
import type { Model, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { type Part, splitModel } from '../models/network.ts';

export interface TrainingTask {
  /** With the defenses' layers in it. */
  readonly model: Model;
  /** Layers on the client; all of them for trainers without a server. */
  readonly cut: number;
  readonly trainer: TrainerConfig;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  /** Indices of each client's examples. */
  readonly shards: readonly Int32Array[];
  /** DP-SGD on the client's gradient. */
  readonly gradientRule: GradientRule | undefined;
  /** DP-FedAvg on the updates of clients, who then take part by Poisson sampling at rate `participation`. */
  readonly updateRule?: UpdateRule | undefined;
  /** Initial weights, order of examples and clients. */
  readonly rng: Rng;
  /** Everything drawn for privacy, and what layers draw. */
  readonly noiseRng: Rng;
  /** See `StepDesign`; default fused. */
  readonly mode?: 'fused' | 'messages';
}

/** The global model, as the two parties hold it between rounds. */
export interface GlobalWeights {
  readonly client: Weights;
  readonly server: Weights;
}

/** Client and server part; a cut behind the last layer leaves the server without any. */
export function partsOf(model: Model, cut: number): { readonly client: Part; readonly server: Part } {
  if (cut < model.layers.length) return splitModel(model, cut);
  const outputShape = [model.classes];
  const server = { layers: [], inputShape: outputShape, outputShape };
  return { client: { layers: model.layers, inputShape: model.inputShape, outputShape }, server };
}
