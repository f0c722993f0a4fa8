/** Intervals that are no proofs, against a second computation: mpmath, integrating in the other order; published formulas. */

import { expect } from 'chai';
import { bayesianEpsilon, posteriorAbove, ratioEstimates } from './index.ts';
import { bailey, inverseSinh, katzLog, walters } from './ratio-intervals.ts';

const countsOf = ([truePositives, positives, falsePositives, negatives]: readonly [
  number,
  number,
  number,
  number,
]) => ({
  truePositives,
  positives,
  falsePositives,
  negatives,
});

describe('bayesianEpsilon', () => {
  // P[ε > t] at t = 2 by mpmath; it says 0.975 and 0.025 at the ends, to ten digits.
  for (const { counts, delta, above, low, high } of [
    { counts: [487, 1000, 12, 1000], delta: 1e-5, above: 1, low: 3.1762373758, high: 4.3074159945 },
    // One posterior steps within a thousandth of the other: a fixed grid of 180 nodes was off by 3e-4 here.
    { counts: [1000, 1000, 0, 1000], delta: 1e-5, above: 1, low: 6.9105990333, high: 15.9004052639 },
    { counts: [60, 100, 40, 100], delta: 1e-5, above: 0, low: 0.1312822407, high: 0.7342295683 },
    { counts: [40, 100, 60, 100], delta: 0.01, above: 0, low: 0.1112663157, high: 0.7182213425 },
    { counts: [90, 100, 5, 50], delta: 0.05, above: 0.823567622736, low: 1.7131315983, high: 3.1014687164 },
  ] as const) {
    it(`of ${counts} at δ = ${delta}`, () => {
      expect(posteriorAbove(countsOf(counts), 2, delta)).to.be.closeTo(above, 1e-9);
      const interval = bayesianEpsilon(countsOf(counts), { delta, confidence: 0.95 });
      expect(interval.low).to.be.closeTo(low, 1e-6);
      expect(interval.high).to.be.closeTo(high, 1e-6);
      expect(interval.kind).to.equal('credible');
    });
  }

  it('is the same for an attack that guesses the other way round, and about 0 where nothing was tried', () => {
    const level = { delta: 1e-3, confidence: 0.9 };
    const one = bayesianEpsilon(countsOf([70, 100, 20, 80]), level);
    const swapped = bayesianEpsilon(countsOf([30, 100, 60, 80]), level);
    expect(swapped.low).to.be.closeTo(one.low ?? Number.NaN, 1e-7);
    expect(swapped.high).to.be.closeTo(one.high ?? Number.NaN, 1e-7);
    expect(bayesianEpsilon(countsOf([500, 1000, 500, 1000]), level).low).to.be.within(0, 0.01);
  });
});

describe('ratio intervals', () => {
  const z = 1.9599639845400545;
  // mpmath, from the formulas in Fagerland, Lydersen and Laake 2015; 36 of 40 and 16 of 80 is the example of Koopman 1984.
  for (const [counts, interval, low, high] of [
    [[36, 40, 16, 80], katzLog, 1.0538067448556, 1.954348048697],
    [[36, 40, 16, 80], walters, 1.0387642252818, 1.9230499547061],
    [[36, 40, 16, 80], bailey, 1.0812171606631, 1.9880959938358],
    [[36, 40, 16, 80], inverseSinh, 1.0575262473204, 1.9506285462321],
    [[487, 1000, 12, 1000], katzLog, 3.1373833956711, 4.2693315509181],
    [[487, 1000, 12, 1000], walters, 3.1090190029697, 4.2181042892896],
    [[487, 1000, 12, 1000], bailey, 3.1836391394523, 4.3290503998147],
    [[487, 1000, 12, 1000], inverseSinh, 3.1446775057992, 4.26203744079],
  ] as const) {
    it(`${interval.name || 'interval'} of ${counts}`, () => {
      const [x1, n1, x2, n2] = counts;
      const found = interval({ successes: x1, trials: n1 }, { successes: x2, trials: n2 }, z);
      expect(found?.low).to.be.closeTo(low, 1e-12);
      expect(found?.high).to.be.closeTo(high, 1e-12);
    });
  }

  it('take δ off, look at both directions, and share the level among them', () => {
    const counts = countsOf([487, 1000, 12, 1000]);
    const [katz] = ratioEstimates(counts, { delta: 0.1, confidence: 0.95 });
    expect(katz).to.deep.include({ method: 'katz-log', kind: 'approximate', confidence: 0.95 });
    expect(katz?.low).to.be.closeTo(3.1373833956711 + Math.log(1 - 0.1 / 0.487), 1e-9);
    const mirrored = ratioEstimates(countsOf([988, 1000, 513, 1000]), { delta: 0, confidence: 0.95 });
    const straight = ratioEstimates(counts, { delta: 0, confidence: 0.95 });
    mirrored.forEach(({ low }, i) => {
      expect(low).to.be.closeTo(straight[i]?.low ?? Number.NaN, 1e-9);
    });
  });

  it('say so where they are not defined, and that the rates show nothing', () => {
    const perfect = ratioEstimates(countsOf([100, 100, 0, 100]), { delta: 0, confidence: 0.95 });
    expect(perfect.map(({ low, high }) => low === null && high === null)).to.deep.equal([true, false, true, true]);
    expect(perfect[1]?.low).to.be.within(2, 4);
    const none = ratioEstimates(countsOf([40, 100, 60, 100]), { delta: 1e-5, confidence: 0.95 });
    expect(none.map(({ low }) => low)).to.deep.equal([0, 0, 0, 0]);
  });
});
