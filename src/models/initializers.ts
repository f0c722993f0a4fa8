/** What initial weights are drawn from. `fan` counts the connections into and out of one unit. */

import { ndarray, sizeOf, zeros } from '../arrays/ndarray.ts';
import type { Initializer } from '../contracts/model.ts';

/** How the kernels and the biases of a model start. */
export interface Initialization {
  readonly kernel: Initializer;
  readonly bias: Initializer;
}

/** U(−bound, bound) */
const uniformWithin =
  (bound: (fan: Parameters<Initializer>[2]) => number): Initializer =>
  (rng, shape, fan) =>
    ndarray(shape, rng.uniform(sizeOf(shape), -bound(fan), bound(fan)));

const zero: Initializer = (_, shape) => zeros(shape);

/** U(±√(6 ÷ (in + out))), biases 0 (Glorot and Bengio 2010, Eq. 16). */
export const glorot: Initialization = { kernel: uniformWithin((fan) => Math.sqrt(6 / (fan.in + fan.out))), bias: zero };

/** U(±√(6 ÷ in)), biases 0: variance 2 ÷ in, for ReLU (He et al. 2015, Eq. 10, in its uniform form). */
export const he: Initialization = { kernel: uniformWithin((fan) => Math.sqrt(6 / fan.in)), bias: zero };

/** U(−0.5, 0.5), biases as well: the wide start of deep leakage's own victim (Zhu et al. 2019, main.py). */
export const uniform: Initialization = { kernel: uniformWithin(() => 0.5), bias: uniformWithin(() => 0.5) };

/** The same with the absolute value of every kernel entry. */
export function nonNegative({ kernel, bias }: Initialization): Initialization {
  return {
    kernel: (rng, shape, fan) => ndarray(shape, kernel(rng, shape, fan).data.map(Math.abs)),
    bias,
  };
}

const initializations = { glorot, he, uniform } as const;

export const initializationNames = Object.keys(initializations) as readonly (keyof typeof initializations)[];

/** @throws RangeError where the name is none of `initializationNames`. */
export function initialization(name: string): Initialization {
  const found = initializationNames.find((known) => known === name);
  if (!found) throw new RangeError(`init must be one of ${initializationNames.join(', ')}, but is "${name}".`);
  return initializations[found];
}
