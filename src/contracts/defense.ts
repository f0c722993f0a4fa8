/** A defense acts inside the client part, or on the client's gradients before the update. */

import type { Shape } from './array.ts';
import type { PrivacyEvent } from './event.ts';
import type { Layer } from './model.ts';
import type { CatalogueEntry, OptionValues } from './options.ts';

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
}

/** Per-example clipping and noise on the client's gradient (DP-SGD). */
export interface GradientRule {
  /** Largest L2 norm of one example's gradient. */
  readonly clipNorm: number;
  /** Standard deviation of the noise on the sum of clipped gradients, in units of `clipNorm`. */
  readonly noiseMultiplier: number;
}

export interface Defense {
  readonly name: string;
  /** The model's layers with the defense's own in place. Indices do not shift: a layer is wrapped, never inserted. */
  readonly protectLayers?: (layers: readonly Layer[]) => readonly Layer[];
  readonly gradientRule?: GradientRule;
  /** One release of one record's activation, for two inputs at `distance` (in the mechanism's own norm). */
  readonly activationRelease?: (distance: number) => PrivacyEvent;
  /** What the claim does and does not cover, in sentences for people. */
  readonly reading: readonly string[];
}

export interface DefenseEntry extends CatalogueEntry {
  /** Throws a RangeError that says what is allowed. */
  create(options: OptionValues, site: DefenseSite): Defense;
}
