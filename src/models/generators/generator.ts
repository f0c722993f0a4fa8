/** Networks whose parameters stand for a batch of images: what an attacker optimizes in place of pixels. */

import type { Tensor } from '../../compile/tf.ts';
import type { LayerArrays, LayerTensors } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';

/** `[height, width, channels]` */
export type ImageShape = readonly [number, number, number];

export interface Generator {
  readonly name: string;
  /** What is optimized, and what is drawn once and stays. */
  init(rng: Rng, batch: number, imageShape: ImageShape): { readonly params: LayerArrays; readonly fixed: LayerArrays };
  /** `[batch, height, width, channels]` in (0, 1). For use inside compiled functions. */
  apply(params: LayerTensors, fixed: LayerTensors, imageShape: ImageShape): Tensor;
}
