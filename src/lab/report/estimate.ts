/** One figure over seeds, as tables and pictures show it. */

import { type Interval, intervalOf } from '../statistics/interval.ts';
import { mean } from '../statistics/mean.ts';
import type { BySeed } from '../statistics/paired.ts';

export interface Estimate {
  readonly n: number;
  readonly mean: number;
  /** Half of the 95 % t interval; undefined at n = 1, or where a figure is not finite. */
  readonly half: number | undefined;
}

/** Undefined where no seed is finished. */
export function estimateOf(values: BySeed): Estimate | undefined {
  if (values.size === 0) return undefined;
  const { n, mean, high } = exactInterval([...values.values()]);
  const half = high === undefined ? undefined : high - mean;
  return { n, mean, half: half !== undefined && Number.isFinite(half) ? half : undefined };
}

/** Sums of ∞ are ∞ or no number, and have no spread. */
function exactInterval(values: readonly number[]): Interval {
  if (values.every(Number.isFinite)) return intervalOf(values);
  return { n: values.length, mean: mean(values), sd: undefined, low: undefined, high: undefined };
}
