/** Averages that single bad seeds do not move. */

/**
 * Mean of the middle half of the values. Where a quarter of n is no whole number, the outermost values of the half count in
 * part, so that it always weighs n ÷ 2 values (Agarwal et al., Deep RL at the Edge of the Statistical Precipice, 2021, use it
 * for runs over seeds).
 * @throws RangeError for no values.
 */
export function interquartileMean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('an interquartile mean needs at least one value.');
  const sorted = [...values].sort((a, b) => a - b);
  const quarter = sorted.length / 4;
  const sum = sorted.reduce((total, value, index) => {
    const inside = Math.min(index + 1, 3 * quarter) - Math.max(index, quarter);
    return total + Math.max(0, inside) * value;
  }, 0);
  return sum / (2 * quarter);
}
