/** How much noise, how many steps, or which sampling rate a promised (ε, δ) allows; and the δ of a promised ε. */

import type { PrivacyEvent } from '../contracts/event.ts';
import type { AccountantName, EpsilonAnswer } from './accountants.ts';
import { type AccountingOptions, epsilonOf, figureAt, figureOf, optionsIn } from './epsilon-of.ts';
import { type DpSgdRun, dpSgdEvent } from './events.ts';
import { crossing, type Search } from './numeric/crossing.ts';
import { quickEpsilon } from './quick-epsilon.ts';
import { requireDelta, requirePositive } from './require.ts';

export interface Target extends AccountingOptions {
  readonly epsilon: number;
  readonly delta: number;
}

export interface NoiseRequest extends Target, Omit<DpSgdRun, 'noiseMultiplier'> {}

export interface CalibratedNoise {
  readonly accountant: AccountantName;
  /** Standard deviation of the noise ÷ sensitivity. */
  readonly noiseMultiplier: number;
  /** What that noise gives: its upper bound is at most the target. */
  readonly epsilon: EpsilonAnswer;
}

const NOISE = { low: 1e-4, high: 1e12, start: 1 };
const RATE = { low: 1e-12, high: 1, start: 0.01 };
const DELTA = { low: 1e-300, high: 0.999, start: 1e-6 };

function checkTarget({ epsilon, delta }: Target): void {
  requirePositive('epsilon', epsilon, 'It is the target; 0 would need infinite noise.');
  requireDelta(delta);
  if (delta === 0) {
    throw new RangeError(
      'delta must be above 0 for Gaussian noise, but is 0. No amount of it gives a finite epsilon then.',
    );
  }
}

/** What is looked for: the number at which an event's ε meets the target. */
interface Question extends AccountingOptions {
  readonly epsilon: number;
  at(x: number): { readonly event: PrivacyEvent; readonly delta: number };
  /** +1: a larger number makes ε larger; −1: smaller. */
  readonly sign: 1 | -1;
}

function answerAt(question: Question, x: number): EpsilonAnswer {
  const { event, delta } = question.at(x);
  return epsilonOf(event, delta, optionsIn(question));
}

function figureOnlyAt(question: Question, x: number): number {
  const { event, delta } = question.at(x);
  return figureAt(event, delta, optionsIn(question));
}

/** Relative distance over which it is measured how fast ε changes. */
const NEARBY = 1e-3;

/** |d log ε ÷ d log x| on the side of larger ε; 1 where it cannot be told. */
function elasticityAt(quick: (x: number) => number, x: number, sign: 1 | -1): number {
  const ratio = Math.log(quick(x * (1 + NEARBY) ** sign) / quick(x)) / Math.log1p(NEARBY);
  return ratio > NEARBY && ratio < 1 / NEARBY ? ratio : 1;
}

/**
 * The number to a relative 1e-9 by a quick estimate, then moved to the safe side until the accountant's own figure is
 * at most the target: by what makes up for the excess of the figure, as fast as ε changes there, or more.
 */
function solved(question: Question, range: Omit<Search, 'sign'>): { x: number; answer: EpsilonAnswer } {
  const { epsilon, sign } = question;
  const quick = (x: number) => {
    const { event, delta } = question.at(x);
    return quickEpsilon(event, delta, { near: epsilon, ...optionsIn(question) });
  };
  let x = crossing((candidate) => Math.log(Math.max(quick(candidate), 1e-300) / epsilon), { ...range, sign });
  let excess = figureOnlyAt(question, x) / epsilon - 1; // nearly always above 0, so that there is no need of the rest
  let elasticity: number | undefined;
  for (let least = 1e-10; ; least *= 4) {
    if (excess > 0) {
      if (x === range.low && sign > 0) return { x: 0, answer: answerAt(question, 0) };
      elasticity ??= elasticityAt(quick, x, sign);
      const move = 1 + Math.max(least, Math.min((excess * 1.05) / elasticity, 0.5));
      x = sign > 0 ? Math.max(range.low, x / move) : x * move;
    }
    const answer = answerAt(question, x);
    excess = figureOf(answer) / epsilon - 1;
    if (!(excess > 0)) return { x, answer };
  }
}

/**
 * The least noise multiplier with which `steps` Poisson-subsampled Gaussian releases are (ε, δ)-DP, rounded so that the
 * accountant's upper bound at the returned noise is at most ε. An accountant that gives no bound is calibrated by its
 * estimate, and its answer says so (`epsilon.upper` is `null`).
 *
 * @throws RangeError for ε ≤ 0, δ = 0 and other numbers out of range.
 */
export function noiseFor(request: NoiseRequest): CalibratedNoise {
  checkTarget(request);
  const { samplingRate, steps, delta, epsilon } = request;
  const eventAt = (noiseMultiplier: number) => dpSgdEvent({ ...request, noiseMultiplier });
  if (samplingRate === 0 || steps === 0) {
    const nothing = epsilonOf(eventAt(0), delta, optionsIn(request));
    return { accountant: nothing.accountant, noiseMultiplier: 0, epsilon: nothing };
  }
  const at = (noiseMultiplier: number) => ({ event: eventAt(noiseMultiplier), delta });
  const { x, answer } = solved({ epsilon, at, sign: -1, ...optionsIn(request) }, NOISE);
  return { accountant: answer.accountant, noiseMultiplier: x, epsilon: answer };
}

/** The noise multiplier of {@link noiseFor} alone. */
export function calibrateNoiseMultiplier(request: NoiseRequest): number {
  return noiseFor(request).noiseMultiplier;
}

export interface StepsRequest extends Target, Omit<DpSgdRun, 'steps'> {}

const MOST_STEPS = 1e9;

/** The largest number of steps (at most 1e9) whose ε is at most the target. */
export function stepsFor(request: StepsRequest): number {
  checkTarget(request);
  const { epsilon, delta } = request;
  const eventAt = (steps: number) => dpSgdEvent({ ...request, steps: Math.max(0, Math.round(steps)) });
  const quick = (steps: number) => quickEpsilon(eventAt(steps), delta, { near: epsilon, ...optionsIn(request) });
  const excess = (steps: number) => Math.log(Math.max(quick(steps), 1e-300) / epsilon);
  const guess = Math.floor(crossing(excess, { low: 1, high: MOST_STEPS, start: 100, sign: 1 }));
  const fits = (steps: number) => figureAt(eventAt(steps), delta, optionsIn(request)) <= epsilon;
  return largestWhole(fits, guess);
}

/** The largest whole number that fits, near a guess, by steps that double and then halve. */
function largestWhole(fits: (n: number) => boolean, guess: number): number {
  let [enough, tooMany] = fits(guess) ? [guess, Number.POSITIVE_INFINITY] : [0, guess];
  for (let stride = 1; tooMany - enough > stride && (enough === 0 || tooMany > MOST_STEPS); stride *= 4) {
    const next = enough === 0 ? tooMany - stride : Math.min(MOST_STEPS, enough + stride);
    if (next <= 0 || next === enough) break;
    if (fits(next)) enough = next;
    else tooMany = next;
  }
  while (tooMany - enough > 1 && tooMany <= MOST_STEPS) {
    const middle = Math.floor((enough + tooMany) / 2);
    [enough, tooMany] = fits(middle) ? [middle, tooMany] : [enough, middle];
  }
  return enough;
}

/** The largest sampling rate (at most 1) whose ε is at most the target. */
export function samplingRateFor(request: Target & Omit<DpSgdRun, 'samplingRate'>): number {
  checkTarget(request);
  const { delta, epsilon } = request;
  const at = (samplingRate: number) => ({ event: dpSgdEvent({ ...request, samplingRate }), delta });
  return solved({ epsilon, at, sign: 1, ...optionsIn(request) }, RATE).x;
}

/** The least δ at which an event's ε is at most `epsilon`, and the answer there. */
export function deltaFor(
  event: PrivacyEvent,
  { epsilon, ...own }: { readonly epsilon: number } & AccountingOptions,
): { readonly delta: number; readonly epsilon: EpsilonAnswer } {
  requirePositive('epsilon', epsilon, 'It is the ε at which δ is asked.');
  // Of the others, some give no bound at δ = 0 and some no answer: the tightest does.
  const pure = epsilonOf(event, 0, own.accountant === 'rdp' ? own : optionsIn({ adjacency: own.adjacency }));
  if (figureOf(pure) <= epsilon) return { delta: 0, epsilon: pure };
  if (!(figureOf(epsilonOf(event, DELTA.high, own)) <= epsilon)) {
    throw new RangeError(`No delta below 1 makes epsilon ${epsilon} of this event. Ask a larger epsilon.`);
  }
  const { x, answer } = solved({ epsilon, at: (delta) => ({ event, delta }), sign: -1, ...own }, DELTA);
  return { delta: x, epsilon: answer };
}
