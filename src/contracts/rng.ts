/** A source of randomness, passed as an argument and forked by name. */

export type RngSource = 'seeded' | 'secure';

export interface Rng {
  /** `seeded`: the same numbers each time, for research; `secure`: the operating system's generator. */
  readonly source: RngSource;
  /** An independent stream. Depends on this stream's seed and the name only, not on what was drawn before. */
  fork(name: string): Rng;
  /** One float64 in [0, 1) with 53 random bits. */
  next(): number;
  /** One integer in 0 … bound − 1, without bias. */
  integer(bound: number): number;
  /** `count` draws from [low, high); default [0, 1). */
  uniform(count: number, low?: number, high?: number): Float32Array;
  /** `count` draws of mean 0 and standard deviation 1. */
  normal(count: number): Float32Array;
  /** `count` draws of density ½·exp(−|x|): scale 1, standard deviation √2. */
  laplace(count: number): Float32Array;
  /** The numbers 0 … count − 1 in random order. */
  permutation(count: number): Int32Array;
}
