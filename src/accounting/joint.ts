/**
 * The joint privacy of a split training run (docs/joint-privacy.md): T noisy activations and T noisy gradient sums of a record,
 * and one randomized response of its label, against all servers together, under replace-one adjacency.
 */

import { analyticGaussianMultiplier, gaussianEpsilon } from './gaussian/analytic.ts';
import { requireCount, requireDelta, requirePositive } from './require.ts';

/** Multipliers are standard deviation ÷ replace-one sensitivity: σ ÷ 2C for vectors clipped to C. */
export interface JointRun {
  readonly passes: number;
  readonly activationMultiplier: number;
  readonly gradientMultiplier: number;
  readonly labelEpsilon: number;
  readonly delta: number;
}

/**
 * ε of the run at δ. The Gaussians compose exactly to one of multiplier (T (z_a⁻² + z_g⁻²))^(−1/2) (Dong, Roth and Su 2019,
 * Corollary 3.3); the label's ε is added (basic composition with a pure mechanism).
 */
export function jointEpsilon({
  passes,
  activationMultiplier,
  gradientMultiplier,
  labelEpsilon,
  delta,
}: JointRun): number {
  requireCount('passes', passes, 'It is how often a record goes to the main server.');
  const mu = Math.sqrt(passes * (activationMultiplier ** -2 + gradientMultiplier ** -2));
  return labelEpsilon + (passes === 0 ? 0 : gaussianEpsilon(mu, delta));
}

export interface JointTarget {
  readonly epsilon: number;
  readonly delta: number;
  readonly passes: number;
  readonly labelEpsilon: number;
  /** Share of the Gaussians' budget (of μ²) that goes to the gradients, in (0, 1). */
  readonly gradientShare: number;
}

/** The least noise with which `jointEpsilon` is at most ε. Throws a RangeError where the labels alone spend it. */
export function jointNoise({ epsilon, delta, passes, labelEpsilon, gradientShare }: JointTarget): {
  readonly activationMultiplier: number;
  readonly gradientMultiplier: number;
} {
  requireDelta(delta);
  requireCount('passes', passes, 'It is how often a record goes to the main server.');
  requirePositive('labelEpsilon', labelEpsilon, 'It is what the randomized response of a label spends.');
  if (!(gradientShare > 0 && gradientShare < 1)) {
    throw new RangeError(`gradientShare must be between 0 and 1, both excluded, but is ${gradientShare}.`);
  }
  if (!(epsilon > labelEpsilon)) {
    throw new RangeError(
      `epsilon must be above labelEpsilon, which is part of it, but is ${epsilon}, and labelEpsilon is ${labelEpsilon}.`,
    );
  }
  const whole = analyticGaussianMultiplier(epsilon - labelEpsilon, delta) * Math.sqrt(passes) * roundedUp;
  return {
    activationMultiplier: whole / Math.sqrt(1 - gradientShare),
    gradientMultiplier: whole / Math.sqrt(gradientShare),
  };
}

/** So that rounding never leaves less noise than was asked for. */
const roundedUp = 1 + 1e-12;
