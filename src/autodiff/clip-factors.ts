/** By how much each example's gradient is scaled, layer by layer, so that its norm is bounded by C. */

import { type Tensor, tf } from '../compile/tf.ts';
import type { Clipping, PerLayerClipping } from '../contracts/defense.ts';

export interface ClipRule {
  /** C: the largest L2 norm that is left of one example's gradient over all layers. */
  readonly clipNorm: number | Tensor;
  /** Flat where left out. */
  readonly clipping?: Clipping | undefined;
}

/** Squared gradient norms `[batch]`, all of them finite. */
export interface SquaredNorms {
  /** Of each layer; `undefined` where it has no parameters. */
  readonly layers: readonly (Tensor | undefined)[];
  /** Over all layers. */
  readonly total: Tensor;
}

/**
 * The factors `[batch]` of every layer:
 * flat and adaptive min(1, C ÷ ‖g‖); automatic C ÷ (‖g‖ + γ); per-layer min(1, C_l ÷ ‖g_l‖) with C_l = C ÷ √L,
 * or C_l = C p_l ÷ √(Σ p²) for proportions p.
 *
 * Guarantee: the norm of the scaled gradient over all layers is at most C, up to float32 rounding; per-layer by
 * Σ C_l² = C² (McMahan et al. 2018, Learning Differentially Private Recurrent Language Models, per-layer clipping).
 *
 * @throws RangeError where there are not as many proportions as layers with parameters.
 */
export function clipFactors({ clipNorm, clipping }: ClipRule, squared: SquaredNorms): readonly Tensor[] {
  switch (clipping?.kind) {
    case 'per-layer':
      return perLayer(clipNorm, clipping, squared);
    case 'automatic': {
      const factors = tf.div(clipNorm, tf.add(smoothRoot(squared.total), clipping.stabilizer));
      return squared.layers.map(() => factors);
    }
    default: {
      // C ÷ max(‖g‖, C) is min(1, C ÷ ‖g‖) without a division by 0.
      const factors = tf.div(clipNorm, tf.maximum(tf.sqrt(squared.total), clipNorm));
      return squared.layers.map(() => factors);
    }
  }
}

function perLayer(
  clipNorm: number | Tensor,
  clipping: PerLayerClipping,
  { layers, total }: SquaredNorms,
): readonly Tensor[] {
  const shares = layerShares(clipping, layers.filter((layer) => layer !== undefined).length);
  let next = 0;
  return layers.map((layer) => {
    if (!layer) return tf.onesLike(total);
    const own = tf.mul(clipNorm, shares[next++] as number);
    // The root of a maximum: one layer's gradient is 0 often enough (dead units), where a root has no derivative.
    return tf.div(own, tf.sqrt(tf.maximum(layer, tf.square(own))));
  });
}

/**
 * C_l ÷ C of each layer with parameters under per-layer clipping, of which there are `count`: their squares sum to 1.
 *
 * @throws RangeError where there are not as many proportions.
 */
export function layerShares({ proportions }: PerLayerClipping, count: number): readonly number[] {
  if (!proportions) return Array.from({ length: count }, () => 1 / Math.sqrt(count));
  if (proportions.length !== count) {
    throw new RangeError(
      `per-layer clipping has ${proportions.length} norms, but ${count} layers have parameters. Give one for each.`,
    );
  }
  const total = Math.hypot(...proportions);
  return proportions.map((proportion) => proportion / total);
}

const smallestSquare = 1e-30;

/** √x with derivative 0 instead of ∞ at 0: attackers differentiate through it. */
function smoothRoot(x: Tensor): Tensor {
  return tf.sqrt(tf.maximum(x, smallestSquare));
}
