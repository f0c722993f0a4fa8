/** What accountants know: mechanisms with everything that their privacy depends on, adjacency included. */

/** Gaussian noise on a random subset; `samplingRate` 1 is the plain mechanism. */
export interface GaussianMechanism {
  readonly kind: 'gaussian';
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
}

/** Laplace noise of scale `noiseMultiplier` times the L1 sensitivity. */
export interface LaplaceMechanism {
  readonly kind: 'laplace';
  readonly noiseMultiplier: number;
}

/** Gaussian noise on a Poisson sample, one record replaced; the multiplier refers to what one record adds. */
export interface ReplaceGaussianMechanism {
  readonly kind: 'replace-gaussian';
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
}

/** Gaussian noise on `batch` of `records`, one record replaced; the multiplier refers to replacing. */
export interface FixedSizeGaussianMechanism {
  readonly kind: 'fixed-size-gaussian';
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
}

/** Gaussian noise on a Poisson sample, a user with `records` records added or removed; the multiplier refers to one record. */
export interface UserGaussianMechanism {
  readonly kind: 'user-gaussian';
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
  readonly records: number;
}

export interface RandomizedResponseMechanism {
  readonly kind: 'randomized-response';
  readonly choices: number;
  readonly keep: number;
}

/** Discrete Gaussian noise of parameter σ = noiseMultiplier · sensitivity. */
export interface DiscreteGaussianMechanism {
  readonly kind: 'discrete-gaussian';
  readonly noiseMultiplier: number;
  readonly sensitivity: number;
}

export type Mechanism =
  | GaussianMechanism
  | LaplaceMechanism
  | ReplaceGaussianMechanism
  | FixedSizeGaussianMechanism
  | UserGaussianMechanism
  | RandomizedResponseMechanism
  | DiscreteGaussianMechanism;

/** A mechanism and how often it ran. */
export interface Repeated {
  readonly mechanism: Mechanism;
  readonly count: number;
}

/** What an event comes down to: mechanisms that leak something finite, or the reason why nothing holds. */
export interface FlatEvent {
  readonly parts: readonly Repeated[];
  /** Why ε is ∞; `null` where it is finite. */
  readonly nonPrivate: string | null;
}
