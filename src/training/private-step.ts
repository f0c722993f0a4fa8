/** What DP-SGD adds to a step: noise, and a clipping norm that may change from step to step. */

import { scalar } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';
import { clipNormAfter } from './clip-state.ts';
import type { ExchangeOutputs } from './exchange.ts';
import type { Lot, StepDesign } from './step.ts';
import { type GradientNoise, gradientNoiseStd } from './update.ts';

export function gradientNoiseOf({ privacy }: StepDesign, { clip, gradientNoise: noise }: Lot): GradientNoise {
  return { noise, std: privacy && clip && scalar(gradientNoiseStd(privacy.rule, clip.clipNorm)) };
}

export function clipNormOf({ clip }: Lot): NdArray | undefined {
  return clip && scalar(clip.clipNorm);
}

/** For the next step, from what was counted over the lot; of an empty lot nothing was. */
export function nextClipNormOf(
  { privacy }: StepDesign,
  { clip, microbatches }: Lot,
  counted: Pick<ExchangeOutputs, 'belowClip'> | undefined,
): number | undefined {
  if (!privacy || !clip) return undefined;
  const examples = microbatches.reduce((count, microbatch) => count + microbatch.examples, 0);
  return clipNormAfter(privacy, clip, { below: counted?.belowClip?.data[0] ?? 0, examples });
}
