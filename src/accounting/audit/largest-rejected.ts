/** Inverting a test: the largest parameter that the data reject. */

/** sup { x ≥ 0 : rejects(x) } for a test that rejects small x and accepts large ones; 0 where it accepts 0. */
export function largestRejected(rejects: (x: number) => boolean): number {
  if (!rejects(0)) return 0;
  let [low, high] = [0, 1];
  while (rejects(high) && high < 1e6) [low, high] = [high, 2 * high];
  for (let step = 0; step < 60 && high - low > 1e-13 * high; step++) {
    const middle = (low + high) / 2;
    [low, high] = rejects(middle) ? [middle, high] : [low, middle];
  }
  return low;
}
