import type { Rng } from '../contracts/rng.ts';

/** Draws zeros: for counting what an initializer would fill, and where weights do not matter. */
export const zeroRng: Rng = {
  source: 'seeded',
  fork: () => zeroRng,
  next: () => 0,
  integer: () => 0,
  uniform: (count) => new Float32Array(count),
  normal: (count) => new Float32Array(count),
  laplace: (count) => new Float32Array(count),
  permutation: (count) => Int32Array.from({ length: count }, (_, index) => index),
};
