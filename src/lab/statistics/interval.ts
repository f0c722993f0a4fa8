/** What seeds say together. */

import { mean } from './mean.ts';
import { tQuantile } from './t-distribution.ts';
import { sampleVariance } from './variance.ts';

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
export function intervalOf(values: readonly number[]): Interval {
  const n = values.length;
  const [first] = values;
  if (first === undefined) throw new RangeError('an interval needs at least one value.');
  if (n === 1) return { n, mean: first, sd: undefined, low: undefined, high: undefined };
  const center = mean(values);
  const sd = Math.sqrt(sampleVariance(values));
  const half = (tQuantile(0.975, n - 1) * sd) / Math.sqrt(n);
  return { n, mean: center, sd, low: center - half, high: center + half };
}
