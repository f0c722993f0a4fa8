import type { Layer } from '../contracts/model.ts';

/** max(x, 0) of each value; the largest value of each window. */
export type Commuting = 'rectifier' | 'maximum';

/** By the function itself: a layer that was given another one, or noise, must stay where it is. */
const known = new WeakMap<Layer['apply'], Commuting>();

/** Says of a layer without parameters, state and noise what it computes. */
export function commuting(layer: Layer, kind: Commuting): Layer {
  known.set(layer.apply, kind);
  return layer;
}

/**
 * The layers with each maximum before the rectifier that it follows, which then works on fewer numbers: a quarter after 2×2
 * pooling. Values are the same, since the largest of several max(x, 0) is the max(x, 0) of the largest. So are gradients: where a
 * window has a positive value, its largest gets them either way, and where it has none, nobody does. What is listed by layer still
 * fits, since neither layer has parameters, state or noise.
 */
export function inQuickOrder(layers: readonly Layer[]): readonly Layer[] {
  const ordered = [...layers];
  for (let index = 1; index < ordered.length; index += 1) {
    const [before, layer] = [ordered[index - 1] as Layer, ordered[index] as Layer];
    if (isOf('rectifier', before) && isOf('maximum', layer)) ordered.splice(index - 1, 2, layer, before);
  }
  return ordered;
}

const isOf = (kind: Commuting, { apply, noise }: Layer) => noise === undefined && known.get(apply) === kind;
