/** ε of events by privacy loss distributions. */

import { closedForm } from '../closed-form.ts';
import { UnsupportedEventError } from '../errors.ts';
import type { FlatEvent, Mechanism, Repeated } from '../mechanisms.ts';
import { rdpEpsilon } from '../rdp/rdp.ts';
import { discreteGaussianLaw, randomizedResponseLaw } from './discrete-laws.ts';
import { mixtureLaw } from './gaussian-mixture-law.ts';
import { addPair, removePair, replacePair } from './gaussian-pairs.ts';
import { laplaceLaw } from './laplace-law.ts';
import type { LossLaw } from './loss-law.ts';
import { chernoffEpsilon, type Part } from './plan.ts';
import { type Bounds, pldBounds, pldUpper, roughUpper } from './pld.ts';
import { userLaw } from './user-pairs.ts';

/** Of δ, what all losses that are counted as infinite may have. */
const INFINITE_SHARE = 1e-5;

/** Of the upper bound, relative, where the lower one is too loose to say more. */
const TYPICAL_ERROR = 3e-4;

/** Relative, of the closed forms. */
const ROUNDING = 1e-9;

type Direction = 'remove' | 'add';

function lawOf(mechanism: Mechanism, share: number, direction: Direction): LossLaw {
  switch (mechanism.kind) {
    case 'laplace':
      return laplaceLaw(mechanism.noiseMultiplier);
    case 'randomized-response':
      return randomizedResponseLaw(mechanism);
    case 'discrete-gaussian':
      return discreteGaussianLaw(mechanism, share);
    case 'gaussian':
      return mixtureLaw(direction === 'remove' ? removePair(mechanism) : addPair(mechanism), share);
    case 'replace-gaussian':
      return mixtureLaw(replacePair(mechanism), share);
    case 'user-gaussian':
      return userLaw(mechanism, share, direction);
    case 'fixed-size-gaussian':
      throw new UnsupportedEventError(
        'Accountant "pld" does not cover "sampled-without-replacement": no dominating pair is proven. Use "rdp".',
      );
  }
}

function partsOf(repeats: readonly Repeated[], delta: number, direction: Direction): Part[] {
  return repeats.map(({ mechanism, count }) => {
    const share = (INFINITE_SHARE * delta) / (count * repeats.length);
    return { law: lawOf(mechanism, share, direction), count };
  });
}

/** Whether P and Q are each other's mirror images, so that one direction says all. */
function isSymmetric({ mechanism }: Repeated): boolean {
  if (mechanism.kind === 'user-gaussian') return false;
  return mechanism.kind !== 'gaussian' || mechanism.samplingRate === 1;
}

interface Removing {
  readonly upper: number;
  /** What Chernoff's bound of adding has to stay under. */
  readonly least: number;
}

/**
 * The upper bound over both directions. Adding a record is nearly always cheaper than removing one, by more than 1 % mostly, which
 * Chernoff's bound or wide steps show at once; only where they do not is the second direction composed with narrow ones.
 */
function overBoth(repeats: readonly Repeated[], delta: number, { upper, least }: Removing): number {
  if (repeats.every(isSymmetric)) return upper;
  const adding = partsOf(repeats, delta, 'add');
  if (chernoffEpsilon(adding, delta * (1 - INFINITE_SHARE)) <= least) return upper;
  return roughUpper(adding, delta) <= upper ? upper : Math.max(upper, pldUpper(adding, delta));
}

function bothDirections(repeats: readonly Repeated[], delta: number): Bounds {
  const bounds = pldBounds(partsOf(repeats, delta, 'remove'), delta);
  return { ...bounds, upper: overBoth(repeats, delta, { ...bounds, least: bounds.lower }) };
}

/** Rényi DP's ε; ∞ where it has no proof. */
function renyiEpsilon(flat: FlatEvent, delta: number): number {
  const covered = flat.parts.every(({ mechanism }) => mechanism.kind !== 'replace-gaussian');
  return covered ? rdpEpsilon(flat, delta).epsilon : Number.POSITIVE_INFINITY;
}

/** Whether every mechanism has a dominating pair here. */
export function hasPairs({ parts }: FlatEvent): boolean {
  return parts.every(({ mechanism }) => mechanism.kind !== 'fixed-size-gaussian');
}

const OF_GRID = 'privacy loss distribution';
const OF_RENYI = 'Rényi DP';

/** The largest loss of a release, where that has P-mass. */
function topAtom({ mechanism }: Repeated): { loss: number; logMass: number } | null {
  if (mechanism.kind === 'laplace') return { loss: 1 / mechanism.noiseMultiplier, logMass: -Math.LN2 };
  if (mechanism.kind !== 'randomized-response') return null;
  const { choices, keep } = mechanism;
  return { loss: Math.log((keep * (choices - 1)) / (1 - keep)), logMass: Math.log(keep) };
}

/** Of the largest losses alone, all S in sum with P-mass p: δ(ε) ≥ p (1 − e^(ε−S)). */
function leastOfAtoms(parts: readonly Repeated[], delta: number): number {
  let [loss, logMass] = [0, 0];
  for (const part of parts) {
    const atom = topAtom(part);
    if (atom === null) return 0;
    loss += part.count * atom.loss;
    logMass += part.count * atom.logMass;
  }
  const share = Math.exp(Math.log(delta) - logMass);
  return share < 1 ? loss + Math.log1p(-share) : 0;
}

/** What the largest losses, or one release of one of the mechanisms, cost by a formula: all together cost no less. */
function leastEpsilon({ parts }: FlatEvent, delta: number): number {
  const single = parts.map(({ mechanism }) =>
    closedForm({ parts: [{ mechanism, count: 1 }], nonPrivate: null }, delta),
  );
  const least = Math.max(leastOfAtoms(parts, delta), ...single.map((epsilon) => epsilon ?? 0));
  return Math.max(0, least * (1 - ROUNDING));
}

function methodOf(upper: number, renyi: number): string {
  if (upper === Number.POSITIVE_INFINITY && renyi < upper) return `${OF_RENYI} (no grid holds these losses)`;
  return renyi < upper ? OF_RENYI : OF_GRID;
}

/** Relative: so far below the upper bound Chernoff's for the other direction has to lie where no lower bound is known. */
const MARGIN = 1e-2;

/** `upper` of {@link pldEpsilon} alone, for half the work. */
export function pldUpperEpsilon(flat: FlatEvent, delta: number): number {
  const renyi = renyiEpsilon(flat, delta);
  if (renyi === 0 || delta === 0) return renyi;
  const upper = pldUpper(partsOf(flat.parts, delta, 'remove'), delta);
  return Math.min(renyi, overBoth(flat.parts, delta, { upper, least: upper * (1 - MARGIN) }));
}

/**
 * ε at δ: bounds that hold up to the stated rounding, and an estimate between them (the upper bound errs half as much
 * as the lower, or less where a rare large loss makes the lower loose). Never above Rényi DP, which `method` then names.
 */
export function pldEpsilon(flat: FlatEvent, delta: number) {
  const renyi = renyiEpsilon(flat, delta);
  if (renyi === 0 || delta === 0) {
    return { lower: delta === 0 ? null : 0, estimate: renyi, upper: renyi, method: OF_RENYI };
  }
  const { lower: ofGrid, upper, floatError } = bothDirections(flat.parts, delta);
  const least = Math.min(upper, renyi);
  const lower = Math.min(least, Math.max(ofGrid, leastEpsilon(flat, delta)));
  const width = least - lower;
  const estimate = least - Math.min(width / 3, TYPICAL_ERROR * least);
  if (least === Number.POSITIVE_INFINITY) return { lower, estimate: least, upper: least, method: OF_GRID };
  return {
    ...{ lower, estimate, upper: least },
    method: methodOf(upper, renyi),
    floatError: floatError / Math.max(least, Number.MIN_VALUE),
    discretisationError: width / Math.max(estimate, Number.MIN_VALUE),
  };
}
