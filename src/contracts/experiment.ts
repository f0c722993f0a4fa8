/** One run of an experiment: what it is asked (all defaults written out) and what it answers. Plain JSON throughout. */

import type { SearchPoint, ViewName } from './attack.ts';
import type { RngSource } from './rng.ts';

export type TrainerName = 'centralized' | 'federated' | 'split' | 'splitfed-v1' | 'splitfed-v2';

export type PartitionConfig =
  | { readonly name: 'iid' }
  | { readonly name: 'dirichlet'; readonly alpha: number }
  | { readonly name: 'shards'; readonly perClient: number };

export interface OptimizerConfig {
  readonly name: 'sgd' | 'momentum' | 'adam';
  readonly learningRate: number;
  /** Of `momentum`. */
  readonly momentum?: number;
  /** Whether the optimizer's state starts anew each round, or stays with each client. */
  readonly state: 'reset' | 'keep';
}

export interface TrainerConfig {
  readonly name: TrainerName;
  readonly clients: number;
  readonly rounds: number;
  readonly localEpochs: number;
  readonly batchSize: number;
  readonly partition: PartitionConfig;
  /** Share of the clients that take part in a round. */
  readonly participation: number;
  readonly optimizer: OptimizerConfig;
}

/** A plug-in's name with its options beside it. */
export interface PluginConfig {
  readonly name: string;
  readonly [option: string]: number | string | boolean | undefined;
}

/** An audit of each mechanism, of one release. */
export interface AuditConfig {
  /** Runs in each of the two worlds. */
  readonly trials: number;
  /** δ at which ε is held against its claim. */
  readonly delta: number;
  /** 1 − probability of a false alarm. */
  readonly confidence: number;
}

/** ε that was proven of one release of a mechanism, and what is claimed of it. */
export interface AuditRecord {
  readonly mechanism: string;
  /** The accountant’s upper bound. */
  readonly claimed: number;
  /** Lower bound, with the confidence. */
  readonly epsilon: number;
  readonly delta: number;
  readonly confidence: number;
  /** Whether the claim stands. */
  readonly ok: boolean;
}

export interface RunConfig {
  readonly name: string;
  readonly data: { readonly name: string; readonly train?: number; readonly test?: number; readonly dir?: string };
  readonly model: { readonly name: string; readonly cut: number; readonly init: string };
  readonly trainer: TrainerConfig;
  readonly defenses: readonly PluginConfig[];
  /** Each with its `view` written out. */
  readonly attacks: readonly (PluginConfig & { readonly view: ViewName })[];
  readonly seed: number;
  readonly ledger: { readonly delta: number; readonly distance: number };
  /** Left out: nothing is audited. */
  readonly audit?: AuditConfig;
}

export interface RoundRecord {
  readonly round: number;
  /** Absent where Poisson sampling chose no example in the round. */
  readonly trainLoss?: number | undefined;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Of the training up to and including this round. */
  readonly epsilonActivation: number;
  readonly epsilonWeights: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export type MetricName = 'psnr' | 'ssim' | 'mse' | 'label_accuracy' | 'distance_correlation';

export interface MetricScore {
  readonly metric: MetricName;
  readonly leakage: number;
  /** What guessing scores in the same metric on the same victims. */
  readonly control: number;
}

export interface AttackRecord {
  readonly attack: PluginConfig & { readonly view: ViewName };
  readonly scores: readonly MetricScore[];
  /** How the attack's objective went, for each observation in turn; empty where the attack does not tell. */
  readonly paths?: readonly (readonly SearchPoint[])[];
  readonly seconds: number;
  /** A few victims and what was made of them, pixels in [0, 1], row-major `[height, width, channels]`, for the pictures. */
  readonly gallery: {
    readonly shape: readonly [number, number, number];
    readonly originals: readonly (readonly number[])[];
    readonly reconstructions: readonly (readonly number[])[];
  };
}

export type WeightsUnit = 'example' | 'user' | 'client';

export interface RunResult {
  readonly config: RunConfig;
  readonly engine: string;
  readonly noiseSource: 'none' | RngSource;
  /** Layers on the client as trained: all of them for centralized and federated. */
  readonly cut: number;
  readonly rounds: readonly RoundRecord[];
  readonly testAccuracy: number;
  /** After the last round: how many test examples of each label (rows) were taken for which (columns). */
  readonly confusion?: readonly (readonly number[])[] | undefined;
  readonly epsilonActivation: number;
  /** Of one release. */
  readonly epsilonActivationRelease: number;
  readonly epsilonWeights: number;
  /** The figure that DP-SGD on the client part would give if the server part did not depend on the record; ∞ without it. */
  readonly epsilonWeightsConditional: number;
  /** Of what the weights channel's figures are: one more example, user or client; undefined without a mechanism. */
  readonly weightsUnit?: WeightsUnit | undefined;
  readonly epsilonLabel: number;
  /** Of all that a client sends about a record, against all servers together, replace-one; ∞ without such a claim. */
  readonly epsilonJoint: number;
  /** The honest reading of each mechanism, in sentences. */
  readonly readings: readonly string[];
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly attacks: readonly AttackRecord[];
  /** One for each mechanism; empty where no audit was asked for, or nothing is claimed. */
  readonly audits: readonly AuditRecord[];
  readonly dataFiles: readonly { readonly file: string; readonly sha256: string }[];
  readonly timings: readonly { readonly phase: string; readonly seconds: number; readonly peakRssMb: number }[];
}

/** What a run reports while it goes on. */
export type RunProgress = (phase: string, share: number) => void;
