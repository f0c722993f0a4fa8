/** The losses of randomized response and of discrete Gaussian noise. */

import type { DiscreteGaussianMechanism, RandomizedResponseMechanism } from '../mechanisms.ts';
import { ndtri } from '../special/normal.ts';
import { type Atom, atomsLaw } from './atoms-law.ts';
import type { LossLaw } from './loss-law.ts';

/** log(keep/other) with P-mass keep, its negative with `other`, and 0 with all other values. */
export function randomizedResponseAtoms({ choices, keep }: RandomizedResponseMechanism): Atom[] {
  const other = (1 - keep) / (choices - 1);
  const loss = Math.log(keep / other);
  return [
    { loss, logMass: Math.log(keep) },
    { loss: -loss, logMass: Math.log(other) },
    { loss: 0, logMass: Math.log((choices - 2) * other) },
  ];
}

export function randomizedResponseLaw(mechanism: RandomizedResponseMechanism): LossLaw {
  return atomsLaw(randomizedResponseAtoms(mechanism), 0);
}

/** More integers than this are not summed over. */
const MOST_ATOMS = 400_000;

/**
 * Outcome x of N_Z(Δ, σ²) has the loss (2xΔ − Δ²)/(2σ²); outcomes beyond P-mass `share` are counted as infinite losses.
 * A discrete Gaussian's tail is at most that of the continuous one.
 */
export function discreteGaussianAtoms(
  { noiseMultiplier, sensitivity }: DiscreteGaussianMechanism,
  share: number,
): Atom[] {
  const std = noiseMultiplier * sensitivity;
  const reach = Math.ceil(-ndtri(share / 4) * std) + 1;
  if (reach > MOST_ATOMS / 2) {
    throw new RangeError(
      `noiseMultiplier · sensitivity must be below about ${Math.floor(MOST_ATOMS / 20)} for discrete Gaussian noise, ` +
        `but is ${std}. Take the continuous one there: the difference is below rounding.`,
    );
  }
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => -((k - reach) ** 2) / (2 * std * std));
  const logTotal = Math.log(weights.reduce((sum, log) => sum + Math.exp(log), 0));
  return weights.map((log, k) => ({
    loss: (2 * (k - reach) + sensitivity) * (sensitivity / (2 * std * std)),
    logMass: log - logTotal,
  }));
}

export function discreteGaussianLaw(mechanism: DiscreteGaussianMechanism, share: number): LossLaw {
  return atomsLaw(discreteGaussianAtoms(mechanism, share), share);
}
