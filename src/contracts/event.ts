/** What a mechanism released, as a value that accountants understand. */

/**
 * What one record may do: be there or not, be another record, or be blanked (its contribution set to 0). Noise
 * multipliers always refer to what one record adds; replacing it changes a sum by twice that.
 */
export type Adjacency = 'add-or-remove' | 'replace-one' | 'zero-out';

/** Gaussian noise of `noiseMultiplier` times the L2 sensitivity. */
export interface GaussianEvent {
  readonly kind: 'gaussian';
  readonly noiseMultiplier: number;
}

/** Laplace noise of scale `noiseMultiplier` times the L1 sensitivity: one release is (1 ÷ noiseMultiplier, 0)-DP. */
export interface LaplaceEvent {
  readonly kind: 'laplace';
  readonly noiseMultiplier: number;
}

/** One of `choices` values: the true one with probability `keep`, each other with (1 − keep) ÷ (choices − 1). */
export interface RandomizedResponseEvent {
  readonly kind: 'randomized-response';
  readonly choices: number;
  readonly keep: number;
}

/** Discrete Gaussian noise of parameter σ = `noiseMultiplier` · `sensitivity` on an integer. */
export interface DiscreteGaussianEvent {
  readonly kind: 'discrete-gaussian';
  readonly noiseMultiplier: number;
  /** By how much one record changes the integer, at most: a whole number. */
  readonly sensitivity: number;
}

/** The event on `batch` of `records` records, drawn without replacement. */
export interface SampledWithoutReplacementEvent {
  readonly kind: 'sampled-without-replacement';
  readonly batch: number;
  readonly records: number;
  readonly event: PrivacyEvent;
}

/** The event on a random subset: each record is in it with probability `samplingRate`, independently. */
export interface PoissonSampledEvent {
  readonly kind: 'poisson-sampled';
  readonly samplingRate: number;
  readonly event: PrivacyEvent;
}

/**
 * The event on a random subset, where what is added or removed is a user with `records` records: each of them is in it with
 * probability `samplingRate`, independently. The event's noise multiplier refers to what one record adds.
 */
export interface UserSampledEvent {
  readonly kind: 'user-sampled';
  readonly samplingRate: number;
  readonly records: number;
  readonly event: PrivacyEvent;
}

/** The event, `count` times in a row, each chosen with knowledge of the earlier outcomes. */
export interface ComposedEvent {
  readonly kind: 'composed';
  readonly parts: readonly { readonly event: PrivacyEvent; readonly count: number }[];
}

/** A release that no mechanism covers. Its ε is ∞. */
export interface NonPrivateEvent {
  readonly kind: 'non-private';
  readonly reason: string;
}

export type PrivacyEvent =
  | GaussianEvent
  | LaplaceEvent
  | RandomizedResponseEvent
  | DiscreteGaussianEvent
  | PoissonSampledEvent
  | SampledWithoutReplacementEvent
  | UserSampledEvent
  | ComposedEvent
  | NonPrivateEvent;

export type Channel = 'activation' | 'weights' | 'label';

/** A statement of (ε, δ); a bound that a method does not give is `null`. */
export interface EpsilonBounds {
  readonly lower: number | null;
  readonly estimate: number | null;
  readonly upper: number | null;
}
