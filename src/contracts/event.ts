/** What a mechanism released, as a value that accountants understand. */

export type Adjacency = 'add-or-remove' | 'replace-one';

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

/** The event on a random subset: each record is in it with probability `samplingRate`, independently. */
export interface PoissonSampledEvent {
  readonly kind: 'poisson-sampled';
  readonly samplingRate: number;
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

export type PrivacyEvent = GaussianEvent | LaplaceEvent | PoissonSampledEvent | ComposedEvent | NonPrivateEvent;

export type Channel = 'activation' | 'weights' | 'label';

/** A statement of (ε, δ); a bound that a method does not give is `null`. */
export interface EpsilonBounds {
  readonly lower: number | null;
  readonly estimate: number | null;
  readonly upper: number | null;
}
