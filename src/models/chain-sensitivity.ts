/**
 * How far layers one after the other can move their output in one norm when their input moves by 1 in another:
 * Δ_{p→q} ≤ ∏ Δ_{p→p} · Δ_{p→q} · ∏ Δ_{q→q}, with the change of norm in one of the layers, whichever. Sound whatever the layers.
 */

import { sizeOf } from '../arrays/ndarray.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Shape } from '../contracts/array.ts';
import type { Layer, LayerTensors, Norm, NormPair } from '../contracts/model.ts';

/** One layer, and the norms in which it is to be bounded. */
export interface Link {
  readonly layer: Layer;
  /** Of one example. */
  readonly inputShape: Shape;
  readonly pair: NormPair;
}

/** Each layer with its norms, where the norm changes in the layer at `change`: p before it and q behind it. */
export function linksOf(layers: readonly Layer[], { from, to }: NormPair, at: Placed): Link[] {
  let inputShape = at.inputShape;
  return layers.map((layer, index) => {
    const link = {
      layer,
      inputShape,
      pair: { from: index <= at.change ? from : to, to: index < at.change ? from : to },
    };
    inputShape = layer.outputShape(inputShape);
    return link;
  });
}

interface Placed {
  readonly inputShape: Shape;
  readonly change: number;
}

const norms = ['l1', 'l2', 'linf'] as const;

/**
 * An upper bound of Δ_{p→q} of one layer: exact where the layer knows it, else the least of Δ_{m→m} over all norms m, times what
 * ‖·‖_m can be larger than ‖·‖_p at the input and ‖·‖_q larger than ‖·‖_m at the output.
 * @throws RangeError where no sensitivity of the layer is known.
 */
export function linkSensitivity({ layer, inputShape, pair }: Link, params: LayerTensors): Tensor | number {
  const inOne = (norm: Norm) => {
    if (layer.sensitivity) return layer.sensitivity(norm, params);
    throw new RangeError(`no sound sensitivity is known for "${layer.label}".`);
  };
  if (pair.from === pair.to) return inOne(pair.to);
  const known = layer.sensitivityBetween?.(pair, params);
  if (known) return known;
  const [inputs, outputs] = [sizeOf(inputShape), sizeOf(layer.outputShape(inputShape))];
  const bounds = norms.map((norm) =>
    times(widening(pair.from, norm, inputs) * widening(norm, pair.to, outputs), inOne(norm)),
  );
  return bounds.reduce(smaller);
}

/** sup ‖x‖_to ÷ ‖x‖_from over vectors of n values: n^max(0, 1/to − 1/from). */
export function widening(from: Norm, to: Norm, n: number): number {
  return n ** Math.max(0, inverse[to] - inverse[from]);
}

const inverse = { l1: 1, l2: 0.5, linf: 0 } as const;

/**
 * The least of the bounds of all layers together over all places where the norm may change.
 * @throws RangeError where no sensitivity of a layer is known.
 */
export function chainSensitivity(
  layers: readonly Layer[],
  pair: NormPair,
  { inputShape, params }: { readonly inputShape: Shape; readonly params: readonly LayerTensors[] },
): Tensor | number {
  const known = new Map<string, Tensor | number>(); // of a layer and a pair: most are part of several products
  const bound = (link: Link, index: number) => {
    const key = `${index} ${link.pair.from} ${link.pair.to}`;
    const found = known.get(key) ?? linkSensitivity(link, params[index] ?? {});
    known.set(key, found);
    return found;
  };
  const places = pair.from === pair.to ? [0] : layers.map((_, index) => index);
  return places
    .map((change) => linksOf(layers, pair, { inputShape, change }).map(bound).reduce(times, 1))
    .reduce(smaller);
}

function times(a: Tensor | number, b: Tensor | number): Tensor | number {
  return typeof a === 'number' && typeof b === 'number' ? a * b : tf.mul(a, b);
}

function smaller(a: Tensor | number, b: Tensor | number): Tensor | number {
  return typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : tf.minimum(a, b);
}
