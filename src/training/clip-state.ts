/** The clipping norm from step to step, where it adapts (Andrew et al., Differentially Private Learning with Adaptive Clipping, 2021). */

import { nextClipNorm, noisyShareBelow } from '../accounting/index.ts';
import type { PrivateUpdate } from './update.ts';

/** What a step of adaptive clipping starts from. */
export interface ClipState {
  /** C: made by earlier steps, so that clipping this step's gradients to it tells nothing of them. */
  readonly clipNorm: number;
  /** One standard normal draw, for the count of norms below C. */
  readonly countNoise: number;
}

export interface NormCount {
  /** Examples whose gradient norm was at most C. */
  readonly below: number;
  readonly examples: number;
}

/** The C of the next step. An empty lot moves it too, by its noise: whether it was empty is nobody's business. */
export function clipNormAfter(
  { rule, normaliser }: PrivateUpdate,
  { clipNorm, countNoise }: ClipState,
  { below, examples }: NormCount,
): number {
  if (rule.clipping?.kind !== 'adaptive') return clipNorm;
  const noise = countNoise * rule.clipping.countStd;
  const share = noisyShareBelow({ below, examples, noise, expected: normaliser });
  return nextClipNorm(clipNorm, share, rule.clipping);
}
