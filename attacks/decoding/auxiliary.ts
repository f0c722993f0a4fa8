/** The attacker's own examples, and noise for its own runs of the client part. */

import { ndarray, sizeOf } from '../../src/arrays/ndarray.ts';
import type { NdArray, Shape } from '../../src/contracts/array.ts';
import type { Dataset } from '../../src/contracts/dataset.ts';
import type { Layer, LayerNoise } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { drawNoise } from '../../src/models/network.ts';

/** The images at these indices, `[count, height, width, channels]` in [0, 1]. */
export function imagesAt({ pixels, shape }: Dataset, indices: Int32Array): NdArray {
  const size = sizeOf(shape);
  const scale = pixels instanceof Uint8Array ? 1 / 255 : 1;
  const data = new Float32Array(indices.length * size);
  indices.forEach((index, row) => {
    for (let i = 0; i < size; i += 1) data[row * size + i] = (pixels[index * size + i] as number) * scale;
  });
  return ndarray([indices.length, ...shape], data);
}

/** Examples' worth of draws that a pool holds. */
const poolSize = 128;

/**
 * Draws for as many examples as asked for, each a stretch cut at a random place out of one long pool: fresh enough to train on,
 * for the price of a copy. For an attacker's own simulations only; the client's noise is drawn anew each time.
 */
export function noisePool(layers: readonly Layer[], inputShape: Shape, rng: Rng): (examples: number) => LayerNoise {
  const pool = drawNoise(layers, inputShape, poolSize, rng.fork('pool'), 'training');
  const places = rng.fork('places');
  return (examples) => pool.map((draws) => draws && stretches(draws, examples, places));
}

function stretches({ shape: [, ...shape], data }: NdArray, examples: number, places: Rng): NdArray {
  const size = sizeOf(shape);
  const cut = new Float32Array(examples * size);
  for (let row = 0; row < examples; row += 1) {
    const start = places.integer(data.length - size + 1);
    cut.set(data.subarray(start, start + size), row * size);
  }
  return ndarray([examples, ...shape], cut);
}
