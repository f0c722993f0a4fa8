/**
 * The lattice of secure noise. Textbook noise in floating point leaks: which numbers x + n can come out at all depends on x
 * (Mironov 2012, «On Significance of the Least Significant Bits for Differential Privacy»). So values are rounded to multiples of a
 * step before noise that is rounded to the same multiples is added: the sum is exact, and what comes out is
 * round(round(x) + n), which anybody could compute from the ideal mechanism on round(x). Rounding x moves it, and that is paid for
 * with a little more noise.
 */

/** In units of the noise's scale. Sums below 64 scales are exact in float32: 64 ÷ 2⁻¹⁸ = 2²⁴. */
export const latticeStep = 2 ** -18;

export function roundToLattice(value: number): number {
  return Math.round(value / latticeStep) * latticeStep;
}

/** scale · (value ÷ scale, rounded, + draw): exact but for the last product, of a draw that lies on the lattice. */
export function noisyOnLattice(value: number, { draw, scale }: { draw: number; scale: number }): number {
  return (roundToLattice(value / scale) + draw) * scale;
}

/**
 * By which the noise has to grow so that `multiplier` (scale ÷ sensitivity) still holds for vectors of `dimension` values that are
 * rounded first. Two of them move apart by at most step · d in L1 and step · √d in L2, in units of the scale.
 *
 * @throws RangeError where rounding would take all that the noise covers.
 */
export function latticeFactor(multiplier: number, norm: 'l1' | 'l2', dimension: number): number {
  const moved = multiplier * latticeStep * (norm === 'l1' ? dimension : Math.sqrt(dimension));
  if (moved < 0.5) return 1 / (1 - moved);
  throw new RangeError(
    `secure noise of multiplier ${multiplier} on ${dimension} values is too coarse: rounding alone would take ${Math.round(100 * moved)} % of it. ` +
      'Use less noise, put it on fewer values, or take seeded noise.',
  );
}
