/** The clipping norm from step to step, where it adapts (Andrew et al., Differentially Private Learning with Adaptive Clipping, 2021). */

import { centredCount, type NormCount, nextClipNorm, noisyShareBelow } from '../accounting/index.ts';
import { latticeFactor, noisyOnLattice } from '../arrays/lattice.ts';
import type { PrivateUpdate } from './update.ts';

/** What a step of adaptive clipping starts from. */
export interface ClipState {
  /** C: made by earlier steps, so that clipping this step's gradients to it tells nothing of them. */
  readonly clipNorm: number;
  /** One standard normal draw, for the count of norms below C. */
  readonly countNoise: number;
}

/** The C of the next step. An empty lot moves it too, by its noise: whether it was empty is nobody's business. */
export function clipNormAfter(
  { rule, normaliser }: PrivateUpdate,
  { clipNorm, countNoise }: ClipState,
  counted: NormCount,
): number {
  if (rule.clipping?.kind !== 'adaptive') return clipNorm;
  const noisy = noisyCount(counted, { draw: countNoise, std: rule.clipping.countStd, onLattice: rule.onLattice });
  return nextClipNorm(clipNorm, noisyShareBelow(noisy, normaliser), rule.clipping);
}

export interface CountRelease {
  /** One standard normal draw; secure ones lie on the lattice. */
  readonly draw: number;
  /** σ_b. */
  readonly std: number;
  /** Round the count to the lattice first, and let the noise grow by what that costs. */
  readonly onLattice?: boolean | undefined;
}

/**
 * Σ (1[‖g‖ ≤ C] − ½) + N(0, σ_b²).
 *
 * @throws RangeError on a lattice that is too coarse for σ_b (above 65,536: batches of more than a million).
 */
export function noisyCount(counted: NormCount, { draw, std, onLattice }: CountRelease): number {
  const count = centredCount(counted);
  if (!onLattice) return count + std * draw;
  // One record moves the count by ½, so the noise is 2 σ_b sensitivities.
  return noisyOnLattice(count, { draw, scale: std * latticeFactor(2 * std, 'l2', 1) });
}
