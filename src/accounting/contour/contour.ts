/**
 * The `contour` accountant: δ(ε) as a Bromwich integral, to about 1e-10 (an estimate, not a proven bound).
 *
 * The Laplace transform of s ↦ (1 − e^(ε−s))₊ is e^(−zε)/(z(z+1)), so for every θ > 0
 * δ(ε) = (1/π) ∫₀^∞ Re[ M(z) e^(−zε) ÷ (z(z+1)) ] du, z = θ + iu, M(z) = E_P[e^(zS)] of the composed loss S.
 * The trapezoid rule in u adds only the aliases e^(mθP) δ(ε + mP), P = 2π/du. plan.ts chooses θ, and splits M in two
 * where rare large losses need another θ than the rest; sections.ts has the two, transform.ts their M.
 *
 * Of the two directions of add-or-remove it takes removing: in none of 960 random configurations (q from 1e-4, σ from
 * 0.3 to 20, T up to 1e6, δ from 1e-14 to 0.5) was adding dearer. Upper bounds (`pld`) cover both.
 */

import { closedForm } from '../closed-form.ts';
import { UnsupportedEventError } from '../errors.ts';
import type { FlatEvent, Repeated } from '../mechanisms.ts';
import { type Integrand, integrandsOf, logDeltaAt, solve } from './integral.ts';
import { type Plan, planFor, upperEpsilon } from './plan.ts';
import type { ContourPart } from './sections.ts';

/** Two successive refinements must agree to this, relative to ε. */
const AGREEMENT = 1e-9;
const MOST_ATTEMPTS = 7;
/** How often the plan may move to another ε. */
const MOST_PLANS = 12;
/** Of the sum, the share that must not cancel. */
const WORST_CONDITION = 1e-7;
/** Points times nodes of the mechanisms, of all attempts together: about 0.2 s. */
const MOST_WORK = 5e7;
/** A plan is good this near to its ε, relative. */
const NEAR = 0.15;

/**
 * Less noise than that, on a sample or of Laplace, makes losses clusters far apart (of 1/2σ² = 200 and its multiples), each narrow beside
 * ε: the end of the sum smooths them, and refinements agree on a wrong ε (by 1e-3).
 */
const LEAST_NOISE = 0.05;
/** A kink of e^−KINK_DIGITS of δ does not count. */
const KINK_DIGITS = 23;

export interface ContourEpsilon {
  readonly epsilon: number;
  /** Relative difference of the last two refinements. */
  readonly error: number;
}

/** Where ε lies, seen from the plan's own: Newton's method on log δ over log ε, or halfway where the sum says nothing. */
function improved(integrands: readonly Integrand[], { epsilon }: Plan, target: number): number {
  const { logDelta, slope, condition } = logDeltaAt(integrands, epsilon);
  if (!(condition > 10 * WORST_CONDITION && slope < 0)) return 0.5 * epsilon;
  return epsilon * Math.min(2, Math.max(0.1, Math.exp((target - logDelta) / (slope * epsilon))));
}

/** A plan that is good where ε lies, and the work left. `null` where none is found with that work. */
function settled(
  parts: readonly ContourPart[],
  target: number,
  start: number,
): { plan: Plan; mostWork: number } | null {
  let [epsilon, mostWork] = [start, MOST_WORK];
  for (let trial = 0; trial < MOST_PLANS; trial++) {
    const plan = planFor(parts, { epsilon, logDelta: target });
    const first = integrandsOf(plan, { attempt: 0, mostWork });
    if (first === null) return null;
    mostWork -= first.work;
    epsilon = improved(first.integrands, plan, target);
    if (Math.abs(epsilon / plan.epsilon - 1) < NEAR) return { plan, mostWork };
  }
  return null;
}

/** Refines until two attempts agree; `null` where the sums cancel too much, cost too much, or never agree. */
function refined(plan: Plan, target: number, work: number): ContourEpsilon | null {
  let [before, mostWork] = [Number.NaN, work];
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const next = integrandsOf(plan, { attempt, mostWork });
    if (next === null) return null;
    mostWork -= next.work;
    const { epsilon, condition } = solve(next.integrands, plan.epsilon, target);
    const error = Math.abs(epsilon / before - 1);
    if (error < AGREEMENT) return condition > WORST_CONDITION ? { epsilon, error } : null;
    before = epsilon;
  }
  return null;
}

function isCovered(part: Repeated): part is ContourPart {
  return ['gaussian', 'laplace', 'replace-gaussian'].includes(part.mechanism.kind);
}

function isClustered({ mechanism }: ContourPart): boolean {
  const isSpread = mechanism.kind === 'gaussian' && mechanism.samplingRate === 1;
  return !isSpread && mechanism.noiseMultiplier < LEAST_NOISE;
}

/**
 * Whether ε may lie just below the largest sum of losses, where Laplace noise has P-mass 2^−T: δ has a kink there, which
 * the end of the sum smooths.
 */
function isAtLargest(parts: readonly ContourPart[], { epsilon, delta }: { epsilon: number; delta: number }): boolean {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  return epsilon > 0.8 * pureEpsilon(parts) && -count * Math.LN2 > Math.log(delta) - KINK_DIGITS;
}

function coveredParts({ parts }: FlatEvent): ContourPart[] {
  return parts.map((part) => {
    if (isCovered(part)) return part;
    throw new UnsupportedEventError(
      `Accountant "contour" covers "gaussian" (also Poisson-sampled, for one record) and "laplace" events, but met ` +
        `"${part.mechanism.kind}". Use "pld" or "rdp".`,
    );
  });
}

/** Whether the contour integral covers every mechanism. */
export function hasTransforms({ parts }: FlatEvent): boolean {
  return parts.every(isCovered);
}

/** ε at δ = 0: the sum of the pure ε, which Gaussian noise has none of. */
function pureEpsilon(parts: readonly ContourPart[]): number {
  return parts.reduce(
    (sum, { mechanism, count }) =>
      sum + (mechanism.kind === 'laplace' ? count / mechanism.noiseMultiplier : Number.POSITIVE_INFINITY),
    0,
  );
}

/**
 * ε at δ by the contour integral, from `start` (left out: Rényi DP's ε, or a better bound) by whatever way is needed;
 * `null` where two refinements never agreed to 1e-9, as happens where ε is next to nothing beside the largest losses, or noise is
 * far too small.
 */
export function contourEpsilon(flat: FlatEvent, delta: number, start?: number): ContourEpsilon | null {
  const closed = closedForm(flat, delta);
  if (closed !== null) return { epsilon: closed, error: 1e-12 };
  const parts = coveredParts(flat);
  if (delta === 0) return { epsilon: pureEpsilon(parts), error: 0 };
  if (parts.some(isClustered)) return null;
  const from = start ?? upperEpsilon(parts, delta);
  if (!(from > 0)) return { epsilon: 0, error: 0 };
  const found = settled(parts, Math.log(delta), from);
  const answer = found === null ? null : refined(found.plan, Math.log(delta), found.mostWork);
  return answer !== null && isAtLargest(parts, { epsilon: answer.epsilon, delta }) ? null : answer;
}
