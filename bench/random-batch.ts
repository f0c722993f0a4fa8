/** Made-up images and labels: what is timed does not depend on them. */

import { ndarray, sizeOf } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { Shape } from '../src/contracts/array.ts';
import type { Batch } from '../src/contracts/dataset.ts';

export function randomBatch(batch: number, shape: Shape, classes: number): Batch {
  const rng = seededRng(7);
  const y = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i += 1) y[i * classes + ((i * 3 + 3) % classes)] = 1;
  return { x: ndarray([batch, ...shape], rng.uniform(batch * sizeOf(shape))), y: ndarray([batch, classes], y) };
}
