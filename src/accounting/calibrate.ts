/** How much noise, or how many steps, a promised (ε, δ) asks for. */

import type { AccountantName, EpsilonAnswer } from './accountants.ts';
import { epsilonOf } from './epsilon-of.ts';
import { dpSgdEvent } from './events.ts';
import { findRoot } from './numeric/brent.ts';
import { requireDelta, requirePositive } from './require.ts';

export interface Target {
  readonly epsilon: number;
  readonly delta: number;
  /** Left out: the tightest that applies. */
  readonly accountant?: AccountantName;
}

export interface NoiseRequest extends Target {
  readonly samplingRate: number;
  readonly steps: number;
}

export interface CalibratedNoise {
  readonly accountant: AccountantName;
  /** Standard deviation of the noise ÷ sensitivity. */
  readonly noiseMultiplier: number;
  /** What that noise gives: its upper bound is at most the target. */
  readonly epsilon: EpsilonAnswer;
}

const SMALLEST_NOISE = 1e-3;
const LARGEST_NOISE = 1e12;

function checkTarget({ epsilon, delta }: Target): void {
  requirePositive('epsilon', epsilon, 'It is the target; 0 would need infinite noise.');
  requireDelta(delta);
  if (delta === 0) {
    throw new RangeError(
      'delta must be above 0 for Gaussian noise, but is 0. No amount of it gives a finite epsilon then.',
    );
  }
}

/** The figure that is held against the target: the upper bound, or the estimate of an accountant without one. */
function figure(answer: EpsilonAnswer): number {
  return answer.upper ?? answer.estimate ?? Number.POSITIVE_INFINITY;
}

function answerAt(request: NoiseRequest, noiseMultiplier: number): EpsilonAnswer {
  const { samplingRate, steps, delta, accountant } = request;
  const event = dpSgdEvent({ samplingRate, steps, noiseMultiplier });
  return epsilonOf(event, delta, accountant === undefined ? {} : { accountant });
}

/** Where log figure(σ) crosses log target, by widening a bracket from σ = 1 and Brent's method on log σ. */
function crossing(figureAt: (noiseMultiplier: number) => number, target: number): number {
  const excess = (logNoise: number) => Math.log(Math.max(figureAt(Math.exp(logNoise)), 1e-300) / target);
  let [low, high] = [0, 0];
  if (excess(0) > 0) {
    while (excess(high) > 0 && high < Math.log(LARGEST_NOISE)) [low, high] = [high, high + 1];
  } else {
    while (excess(low) <= 0 && low > Math.log(SMALLEST_NOISE)) [low, high] = [low - 0.5, low];
  }
  return Math.exp(findRoot(excess, { low, high, tolerance: 1e-10 }));
}

/** Raises the noise, never lowers it, until the figure is at most the target. */
function nudgeUp(request: NoiseRequest, start: number): CalibratedNoise {
  let noiseMultiplier = start;
  for (let step = 1e-10; ; step *= 4) {
    const epsilon = answerAt(request, noiseMultiplier);
    if (figure(epsilon) <= request.epsilon) return { accountant: epsilon.accountant, noiseMultiplier, epsilon };
    noiseMultiplier *= 1 + step;
  }
}

/**
 * The least noise multiplier with which `steps` Poisson-subsampled Gaussian releases are (ε, δ)-DP, to a relative
 * 1e-9, rounded so that the accountant's upper bound at the returned noise is at most ε. An accountant that gives no
 * upper bound is taken at its estimate. 0 where nothing is released.
 */
export function noiseFor(request: NoiseRequest): CalibratedNoise {
  checkTarget(request);
  const silent = answerAt(request, 0);
  if (figure(silent) === 0) return { accountant: silent.accountant, noiseMultiplier: 0, epsilon: silent };
  const start = crossing((noiseMultiplier) => figure(answerAt(request, noiseMultiplier)), request.epsilon);
  return nudgeUp(request, start);
}

/** The noise multiplier of {@link noiseFor} alone. */
export function calibrateNoiseMultiplier(request: NoiseRequest): number {
  return noiseFor(request).noiseMultiplier;
}

export interface StepsRequest extends Target {
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
}

const MOST_STEPS = 1e9;

/** The largest number of steps (at most 1e9) whose ε is at most the target. */
export function stepsFor(request: StepsRequest): number {
  checkTarget(request);
  const { noiseMultiplier } = request;
  const fits = (steps: number) => figure(answerAt({ ...request, steps }, noiseMultiplier)) <= request.epsilon;
  let [enough, tooMany] = [0, 1];
  while (tooMany < MOST_STEPS && fits(tooMany)) [enough, tooMany] = [tooMany, tooMany * 4];
  if (tooMany >= MOST_STEPS && fits(MOST_STEPS)) return MOST_STEPS;
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2);
    [enough, tooMany] = fits(middle) ? [middle, tooMany] : [enough, middle];
  }
  return enough;
}
