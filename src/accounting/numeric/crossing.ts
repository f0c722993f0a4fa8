/** Where a monotone function of a positive number changes its sign. */

import { findRoot } from './brent.ts';

export interface Search {
  readonly low: number;
  readonly high: number;
  /** Where to look first. */
  readonly start: number;
  /** +1 for a function that rises, −1 for one that falls. */
  readonly sign: 1 | -1;
}

/**
 * The x in [low, high] with excess(x) = 0, to a relative 1e-9: widening by factors from the start, then Brent's method
 * on log x. Where there is none, the end that is nearer to it.
 */
export function crossing(excess: (x: number) => number, { low, high, start, sign }: Search): number {
  const known = new Map<number, number>();
  const at = (log: number) => {
    const value = known.get(log) ?? sign * excess(Math.exp(log));
    known.set(log, value);
    return value;
  };
  const [least, most] = [Math.log(low), Math.log(high)];
  let [from, to] = [Math.log(start), Math.log(start)];
  const up = at(from) < 0;
  for (let stride = 0.5; (up ? at(to) < 0 : at(from) > 0) && (up ? to < most : from > least); stride *= 1.6) {
    if (up) [from, to] = [to, Math.min(most, to + stride)];
    else [from, to] = [Math.max(least, from - stride), from];
  }
  return Math.min(high, Math.max(low, Math.exp(findRoot(at, { low: from, high: to, tolerance: 1e-9 }))));
}
