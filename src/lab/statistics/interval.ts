/** What seeds say together. */

import { tQuantile } from './t-distribution.ts';

export interface Interval {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation; undefined at n = 1, like the interval. */
  readonly sd: number | undefined;
  /** Bounds of the 95 % t interval: mean ± t(0.975, n − 1) · sd ÷ √n. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** @throws RangeError for no values. */
export async function intervalOf(values: readonly number[]): Promise<Interval> {
  const n = values.length;
  const [first] = values;
  if (first === undefined) throw new RangeError('an interval needs at least one value.');
  if (n === 1) return { n, mean: first, sd: undefined, low: undefined, high: undefined };
  const { mean, std } = await import('mathjs'); // takes most of a second to load
  const center = Number(mean([...values]));
  const sd = Number(std([...values]));
  const half = (tQuantile(0.975, n - 1) * sd) / Math.sqrt(n);
  return { n, mean: center, sd, low: center - half, high: center + half };
}
