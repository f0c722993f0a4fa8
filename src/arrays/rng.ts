/** Randomness from a seed, for research, and from the operating system, for real noise. One interface for both. */

import { createHash, randomFillSync } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Rng, RngSource } from '../contracts/rng.ts';
import { roundToLattice } from './lattice.ts';
import { fillWithSums } from './xoroshiro-sums.ts';
import { normals, unitOf, type Words } from './ziggurat.ts';

/**
 * A reproducible stream. `fork(name)` depends on the seed and the path of names only, so a draw more in one place shifts none
 * elsewhere. The streams are pinned by tests: a release does not change a user's numbers.
 *
 * @throws RangeError where the seed is not a safe integer.
 */
export function seededRng(seed: number): Rng {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be an integer within ±2⁵³, but is ${seed}.`);
  return seededAt(`cutlayer/${seed}`);
}

function seededAt(path: string): Rng {
  return rngFrom('seeded', xoroshiro128plus(path), (name) => seededAt(`${path}/${name}`));
}

/**
 * Numbers that nobody can predict or repeat. A fork is another stream of the same kind. Normal and Laplace draws are multiples
 * of `latticeStep`, so that sums with values on the lattice are exact.
 */
export function secureRng(): Rng {
  const rng = rngFrom('secure', operatingSystemWords(), () => secureRng());
  return {
    ...rng,
    normal: (count) => rng.normal(count).map(roundToLattice),
    laplace: (count) => rng.laplace(count).map(roundToLattice),
  };
}

/** xoroshiro128+ (Blackman and Vigna 2018), its state the SHA-256 of a path of names. */
function xoroshiro128plus(path: string): Words {
  const seed = createHash('sha256').update(path).digest();
  let generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => seed.readInt32LE(offset)));
  return {
    next: () => generator.next() >>> 0,
    fill: (into) => {
      generator = xoroshiro128plusFromState(fillWithSums(into, generator.getState()));
    },
  };
}

const poolSize = 4096;

function operatingSystemWords(): Words {
  const pool = new Uint32Array(poolSize);
  let used = poolSize;
  const next = () => {
    if (used === poolSize) {
      randomFillSync(pool);
      used = 0;
    }
    const value = pool[used] as number;
    pool[used] = 0; // what was given out is not kept
    used += 1;
    return value;
  };
  return { next, fill: (into) => randomFillSync(into) };
}

function rngFrom(source: RngSource, words: Words, fork: (name: string) => Rng): Rng {
  const next = () => unitOf(words);
  return {
    source,
    fork,
    next,
    integer: (bound) => integerBelow(bound, words, next),
    uniform: (count, low = 0, high = 1) => filled(count, () => low + (high - low) * next()),
    normal: (count) => normals(count, words),
    laplace: (count) => filled(count, () => laplaceDraw(next)),
    permutation: (count) => permutationOf(count, (bound) => integerBelow(bound, words, next)),
  };
}

function filled(count: number, draw: () => number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 1) values[i] = draw();
  return values;
}

/** The first bit decides the sign, the others an exponential magnitude: −ln of a number in (0, 1]. */
function laplaceDraw(next: () => number): number {
  const u = next();
  return u < 0.5 ? -Math.log(1 - 2 * u) : Math.log(2 - 2 * u);
}

/** Without bias: values beyond the last whole multiple of the bound are drawn again. */
function integerBelow(bound: number, words: Words, next: () => number): number {
  if (!Number.isSafeInteger(bound) || bound < 1) {
    throw new RangeError(`integer(bound) needs a positive integer, but was given ${bound}.`);
  }
  if (bound > 2 ** 32) return Math.floor(next() * bound);
  const limit = 2 ** 32 - (2 ** 32 % bound);
  let value = words.next();
  while (value >= limit) value = words.next();
  return value % bound;
}

/** Fisher and Yates. */
function permutationOf(count: number, below: (bound: number) => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    const value = order[i] as number;
    order[i] = order[j] as number;
    order[j] = value;
  }
  return order;
}
