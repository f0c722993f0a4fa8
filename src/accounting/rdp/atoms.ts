/** Rényi DP of mechanisms whose loss takes a few values. */

import type { DiscreteGaussianMechanism, RandomizedResponseMechanism } from '../mechanisms.ts';
import { randomizedResponseAtoms } from '../pld/discrete-laws.ts';
import { logSumExp } from '../special/log-space.ts';

/** ε(α) = log Σ p e^((α−1) loss) ÷ (α−1); at α = ∞ the largest loss. */
export function randomizedResponseRdp(mechanism: RandomizedResponseMechanism, order: number): number {
  const atoms = randomizedResponseAtoms(mechanism);
  if (order === Number.POSITIVE_INFINITY) return Math.max(...atoms.map(({ loss }) => loss));
  return logSumExp(atoms.map(({ loss, logMass }) => logMass + (order - 1) * loss)) / (order - 1);
}

/** α ÷ (2 noiseMultiplier²), as for continuous noise (Canonne, Kamath, Steinke 2020, Theorem 4). */
export function discreteGaussianRdp({ noiseMultiplier }: DiscreteGaussianMechanism, order: number): number {
  return order / (2 * noiseMultiplier ** 2);
}
