/** What a noise layer's claim says, and what it does not: metric-DP at a stated distance, over stated releases. */

import {
  epsilonOf,
  gaussianDelta,
  gaussianEpsilon,
  laplaceEvent,
  provenEpsilon,
  repeated,
} from '../../src/accounting/index.ts';
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
  readonly sensitivity: 'normalized' | 'orthonormal' | 'bound' | 'clip';
  /** Noise scale ÷ sensitivity, for inputs at `distance` (for any two where outputs are clipped). */
  readonly multiplier: number;
  /** Number of values of one input, in [0, 1]. */
  readonly pixels: number;
  /** δ at which the run states its ε. */
  readonly statedDelta: number;
  /** Passes of the training, in each of which a record goes through the noise once; left out where no server sees it. */
  readonly releases?: number | undefined;
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

/** ε of the noise at the run's δ, for some distances and releases; and what the classic calibration wastes. */
function exactFigures(claim: NoiseClaim): string {
  const { epsilon, statedDelta, distance, multiplier, noise, calibration } = claim;
  const at = (D: number) => round(epsilonAt(claim, D, 1));
  const figures =
    `At δ = ${statedDelta}: exactly ε = ${at(distance)} at distance ${distance}, ${at(1)} at distance 1, ` +
    `${at(diameterOf(claim))} for any two images${overTheRun(claim)}.`;
  if (noise === 'laplace' || calibration === 'analytic') return figures;
  return `${figures} The classic calibration is pessimistic: at ε = ${epsilon} its δ is ${round(gaussianDelta(1 / multiplier, epsilon))}.`;
}

/** The same over one release a pass of the training, if it has several. The run's ledger counts what was sent in the end. */
function overTheRun(claim: NoiseClaim): string {
  const { releases = 1, noise, distance } = claim;
  if (releases <= 1) return '';
  const [near, unit, any] = [distance, 1, diameterOf(claim)].map((D) => round(epsilonAt(claim, D, releases)));
  const passes = `over ${releases} releases, one for each pass of the training (lots of dp-sgd may take a record more often)`;
  return `; ${passes}: ${noise === 'laplace' ? 'at most ' : ''}${near}, ${unit} and ${any}`;
}

/**
 * ε of `releases` independent releases for two inputs at the distance D. Gaussian noise: exact, μ = D√T ÷ (multiplier · L).
 * Laplace noise: exact of one, the upper bound of the tightest accountant of several.
 */
export function epsilonAt(
  { noise, multiplier, distance, statedDelta }: NoiseClaim,
  D: number,
  releases: number,
): number {
  const shift = D / (multiplier * distance);
  if (noise === 'gaussian') return gaussianEpsilon(shift * Math.sqrt(releases), statedDelta);
  const event = laplaceEvent(1 / shift);
  if (statedDelta === 0) return releases * shift;
  return provenEpsilon(epsilonOf(repeated(event, releases), statedDelta));
}

function round(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
