/** What a noise layer's claim says, and what it does not: metric-DP at a stated distance, over stated releases. */

import { gaussianDelta, gaussianEpsilon, laplaceEpsilon } from '../../src/accounting/index.ts';
import type { Norm } from '../../src/contracts/model.ts';
import { widening } from '../../src/models/chain-sensitivity.ts';
import { normNames } from '../../src/models/norm-names.ts';

/** The mechanism, and where it stands. */
export interface NoiseClaim {
  readonly noise: 'laplace' | 'gaussian';
  /** ε of one release at `distance` as it was asked for; ∞: no noise. */
  readonly epsilon: number;
  /** Of Gaussian noise, as it was asked for. */
  readonly delta: number;
  readonly distance: number;
  /** Of `distance`, and of every other distance of two inputs. */
  readonly inputNorm: Norm;
  readonly calibration: 'analytic' | 'classic';
  readonly sensitivity: 'normalized' | 'bound' | 'clip';
  /** Noise scale ÷ sensitivity, for inputs at `distance` (for any two where outputs are clipped). */
  readonly multiplier: number;
  /** Number of values of one input, in [0, 1]. */
  readonly pixels: number;
  /** δ at which the run states its ε. */
  readonly statedDelta: number;
}

const SCOPE =
  'It covers one release of the noisy activation and what is computed from it, given the client part’s weights; not labels, not gradients or updates of the client part.';

/** Sentences for people. */
export function readingOf(claim: NoiseClaim): string[] {
  const { noise, epsilon, delta, distance, inputNorm, sensitivity } = claim;
  if (epsilon === Number.POSITIVE_INFINITY) {
    return ['pixeldp with epsilon .inf is no mechanism: the noise has scale 0 and ε is ∞.'];
  }
  const one = noise === 'laplace' ? `ε = ${epsilon}` : `(ε, δ) = (${epsilon}, ${delta})`;
  if (sensitivity === 'clip') {
    return [
      `One release is ${one} for any two inputs (outputs are clipped); every further release of a record adds to it.`,
      SCOPE,
    ];
  }
  return [
    `One release is ${one} for two inputs at ${normNames[inputNorm]} distance ${distance} (metric-DP): at that distance, not for any two images.`,
    anyTwoImages(claim),
    `T releases of one record compose: ${noise === 'laplace' ? 'at most T times the ε of one' : 'like one release with √T times less noise'}. Averaging them is a real attack.`,
    exactFigures(claim),
    SCOPE,
  ];
}

/** The largest distance of two images in [0, 1]: n, √n or 1 for n pixels. */
function diameterOf({ inputNorm, pixels }: NoiseClaim): number {
  return widening('linf', inputNorm, pixels);
}

function anyTwoImages(claim: NoiseClaim): string {
  const diameter = diameterOf(claim);
  const ratio = diameter / claim.distance;
  const norm = normNames[claim.inputNorm];
  if (claim.noise === 'laplace') {
    return `For any two images in [0, 1] (${norm} distance up to ${round(diameter)}) one release has ε = ${round(claim.epsilon * ratio)}: no meaningful local privacy unless this is small.`;
  }
  return `Any two images in [0, 1] lie up to ${norm} distance ${round(diameter)} apart: ${round(ratio)} times the distance this is stated at.`;
}

/** A number of releases of one record that a short training makes. */
const SOME_RELEASES = 50;

/** Exact ε of the noise at the run's δ, for some distances and releases; and what the classic calibration wastes. */
function exactFigures(claim: NoiseClaim): string {
  const { epsilon, statedDelta, distance, multiplier, noise, calibration } = claim;
  const at = (D: number, T: number) => round(epsilonAt(claim, D, T));
  const any = diameterOf(claim);
  const figures =
    `Exactly, at δ = ${statedDelta}: ε = ${at(distance, 1)} at distance ${distance}, ${at(1, 1)} at distance 1, ` +
    `${at(any, 1)} for any two images; over ${SOME_RELEASES} releases ${at(distance, SOME_RELEASES)}, ${at(1, SOME_RELEASES)} and ${at(any, SOME_RELEASES)}.`;
  if (noise === 'laplace' || calibration === 'analytic') return figures;
  return `${figures} The classic calibration is pessimistic: at ε = ${epsilon} its δ is ${round(gaussianDelta(1 / multiplier, epsilon))}.`;
}

/**
 * ε of `releases` independent releases for two inputs at the distance D: μ = D√T ÷ (multiplier · L) for Gaussian noise, exact;
 * T · D ÷ (multiplier · L) for Laplace noise (with the exact δ of a single release), by basic composition.
 */
export function epsilonAt(
  { noise, multiplier, distance, statedDelta }: NoiseClaim,
  D: number,
  releases: number,
): number {
  const shift = D / (multiplier * distance);
  if (noise === 'gaussian') return gaussianEpsilon(shift * Math.sqrt(releases), statedDelta);
  return releases === 1 ? laplaceEpsilon(1 / shift, statedDelta) : releases * shift;
}

function round(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
