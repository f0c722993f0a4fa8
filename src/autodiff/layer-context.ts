/** What a layer is given when a list of them runs. */

import type { Tensors } from '../contracts/array.ts';
import type { LayerContext, LayerNoise, LayerTensors, Weights } from '../contracts/model.ts';

export interface RunOptions {
  /** One entry a layer; see `drawNoise`. */
  readonly noise?: Tensors<LayerNoise> | undefined;
  readonly training: boolean;
}

/** What the layer at `index` gets beside its parameters and its input. */
export function contextOf(
  index: number,
  { params, state }: Tensors<Weights>,
  { noise, training }: RunOptions,
): LayerContext {
  return {
    state: state[index] as LayerTensors,
    noise: noise?.[index],
    training,
    before: params.slice(0, index) as readonly LayerTensors[],
  };
}
