import { expect } from 'chai';
import { latticeFactor, latticeStep, roundToLattice } from './lattice.ts';
import { secureRng, seededRng } from './rng.ts';

const isOnLattice = (value: number) => Number.isInteger(value / latticeStep);

describe('the lattice of secure noise', () => {
  it('holds every secure draw, exactly in float32; seeded draws do not lie on it', () => {
    const rng = secureRng();
    for (const draws of [rng.normal(5000), rng.laplace(5000), rng.fork('x').normal(5000)]) {
      expect(draws.every(isOnLattice)).to.equal(true);
    }
    expect(seededRng(1).normal(100).every(isOnLattice)).to.equal(false);
  });

  it('keeps the spread of the draws', () => {
    const count = 40_000;
    const variance = (draws: Float32Array) => draws.reduce((sum, value) => sum + value * value, 0) / count;
    const rng = secureRng();
    expect(variance(rng.normal(count))).to.be.closeTo(1, 4.5 * Math.sqrt(2 / count)); // sd of a mean of n² is √2 ÷ √count
    expect(variance(rng.laplace(count))).to.be.closeTo(2, 4.5 * Math.sqrt(20 / count)); // E n⁴ − (E n²)² = 24 − 4
  });

  it('has sums that float32 computes exactly up to 64 scales', () => {
    const [a, b] = [roundToLattice(31.4159), roundToLattice(27.1828)];
    expect(Math.fround(Math.fround(a) + Math.fround(b))).to.equal(a + b);
  });

  it('costs what rounding moves two vectors apart, in L1 and in L2', () => {
    const [multiplier, dimension] = [2, 1000];
    for (const [norm, moved] of [
      ['l1', latticeStep * 1000],
      ['l2', latticeStep * Math.sqrt(1000)],
    ] as const) {
      const factor = latticeFactor(multiplier, norm, dimension);
      expect(factor).to.be.above(1);
      // Apart by 1/m scales before, and by `moved` more after rounding, with a scale that grew: still 1/m of the grown scales.
      expect(1 / (multiplier * factor) + moved).to.be.closeTo(1 / multiplier, 1e-12);
    }
    expect(() => latticeFactor(100, 'l1', 10_000)).to.throw(RangeError, /rounding alone would take/);
  });
});
