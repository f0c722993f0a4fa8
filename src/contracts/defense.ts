/** A defense acts inside the client part, on the client's gradients before the update, or on the updates that clients send. */

import type { Shape } from './array.ts';
import type { PrivacyEvent } from './event.ts';
import type { Layer, Norm } from './model.ts';
import type { CatalogueEntry, OptionValues } from './options.ts';
import type { RngSource } from './rng.ts';

/** What a defense may look at when it is set up: public facts only. */
export interface DefenseSite {
  /** Number of layers on the client; all of them for centralized and federated. */
  readonly cut: number;
  readonly inputShape: Shape;
  readonly batchSize: number;
  /** Of each client: its number of examples and the steps that it will make in the whole training. */
  readonly clients: readonly { readonly examples: number; readonly steps: number }[];
  /** At which (ε, δ) targets are stated. */
  readonly delta: number;
  /** How often client updates are averaged, and of which share of the clients; left out where none are. */
  readonly averaging?: { readonly rounds: number; readonly participation: number } | undefined;
  /** Where the noise will come from; seeded where left out. */
  readonly noise?: RngSource | undefined;
  /** How often each record goes to the main server, and how many classes labels have; left out where there is no server. */
  readonly split?: { readonly passes: number; readonly classes: number } | undefined;
}

/** How the gradient g of one example is brought to a norm of at most C. */
export type Clipping =
  /** g · min(1, C ÷ ‖g‖) (Abadi et al. 2016). */
  | { readonly kind: 'flat' }
  | PerLayerClipping
  /** g · C ÷ (‖g‖ + stabilizer): small gradients are enlarged as well (AUTO-S, Bu et al. 2023). */
  | { readonly kind: 'automatic'; readonly stabilizer: number }
  | AdaptiveClipping;

/** Each of the L layers with parameters on its own, to C_l: together at most C = √(Σ C_l²) (McMahan et al. 2018). */
export interface PerLayerClipping {
  readonly kind: 'per-layer';
  /** In which proportions the C_l are to each other, from the first layer with parameters on; C ÷ √L each where left out. */
  readonly proportions?: readonly number[] | undefined;
}

/** As flat, with a C that follows a quantile of the norms by noisy counts (Andrew et al. 2021). */
export interface AdaptiveClipping {
  readonly kind: 'adaptive';
  /** Share of the norms that is to lie below C. */
  readonly quantile: number;
  /** η of C ← C · exp(−η (share below C − quantile)). */
  readonly learningRate: number;
  /** Standard deviation of the noise on the count of norms below C. */
  readonly countStd: number;
}

/** Per-example clipping and noise on the client's gradient (DP-SGD). All of it is public. */
export interface GradientRule {
  /** C, the largest L2 norm of one example's gradient; under adaptive clipping the first one, or the current one of an observation. */
  readonly clipNorm: number;
  /**
   * Standard deviation of the noise on the sum of clipped gradients, in units of `clipNorm`: what is accounted. Adaptive
   * clipping spends part of it on its counts and adds more to the gradient.
   */
  readonly noiseMultiplier: number;
  /** Flat where left out. */
  readonly clipping?: Clipping | undefined;
  /**
   * How lots are made: `poisson` (where left out), each record with the same probability, which amplifies against who does not
   * see the lots; `passes`, shuffled batches with each record once a local epoch.
   */
  readonly lots?: 'poisson' | 'passes' | undefined;
  /** Examples that go through the network at once, where a lot is too large for the memory. */
  readonly microbatch?: number | undefined;
  /** The sum is rounded to the lattice of secure noise before noise is added (src/arrays/lattice.ts). */
  readonly onLattice?: boolean | undefined;
  /** Largest number of records of one user, all at one client, where the unit of privacy is a user; one record otherwise. */
  readonly recordsPerUser?: number | undefined;
}

/** Clipping and noise on whole client updates (DP-FedAvg). All of it is public. */
export interface UpdateRule {
  /** C, the largest L2 norm of one client's update; under adaptive clipping the first one. */
  readonly clipNorm: number;
  /**
   * Standard deviation of the noise on the sum of clipped updates, in units of `clipNorm`: what is accounted. Adaptive clipping
   * spends part of it on its counts and adds more to the updates.
   */
  readonly noiseMultiplier: number;
  /** Flat where left out: update · min(1, C ÷ ‖update‖). Counts of adaptive clipping are of clients. */
  readonly clipping?: PerLayerClipping | AdaptiveClipping | undefined;
}

/** On labels: each is replaced once, before training, and only what it became is ever used. */
export interface LabelRule {
  /** Probability with which a label stays; otherwise it becomes one of the others, uniformly. */
  readonly keep: number;
  /** Of the randomized response: ln(keep · (classes − 1) ÷ (1 − keep)). */
  readonly epsilon: number;
}

/** One claim for all that a client sends about a record, against all servers together (docs/joint-privacy.md). */
export interface JointClaim {
  readonly epsilon: number;
  readonly reading: string;
}

export interface Defense {
  readonly name: string;
  /** The model's layers with the defense's own in place. Indices do not shift: a layer is wrapped, never inserted. */
  readonly protectLayers?: (layers: readonly Layer[]) => readonly Layer[];
  readonly gradientRule?: GradientRule;
  /** On the update that a client sends, and in the aggregation of what all of them sent. */
  readonly updateRule?: UpdateRule;
  /** On the labels of the training examples. */
  readonly labelRule?: LabelRule;
  /** What holds after a record went through `passes` passes; where it is there, no other claim is made of the weights. */
  readonly jointClaim?: (passes: number, delta: number) => JointClaim;
  /** One release of one record's activation, for two inputs at `distance` in `activationNorm`. */
  readonly activationRelease?: (distance: number) => PrivacyEvent;
  /** In which input distances are measured; left out where `activationRelease` holds at any distance. */
  readonly activationNorm?: Norm;
  /** What the claim does and does not cover, in sentences for people. */
  readonly reading: readonly string[];
}

export interface DefenseEntry extends CatalogueEntry {
  /** Throws a RangeError that says what is allowed. */
  create(options: OptionValues, site: DefenseSite): Defense;
}
