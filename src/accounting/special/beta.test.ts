/** Incomplete beta and binomial tails against mpmath with 50 digits. */

import { expect } from 'chai';
import { inverseRegularizedBeta, logRegularizedBeta, regularizedBeta } from './beta.ts';
import { logBinomialMass, logBinomialTail } from './binomial.ts';

function expectRelative(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).to.be.at.most(Math.abs(expected) * tolerance);
}

describe('the regularized incomplete beta function', () => {
  const known: readonly (readonly [number, number, number, number])[] = [
    [0.02, 30, 1971, -0.042601327316973775],
    [0.3, 0.5, 0.5, -0.9969312110207781],
    [0.5, 2.5, 7, -0.06069654404060662],
    [0.97, 1950, 51, -2.2618743672145434],
    [0.01, 5000, 5000, -16150.134738742801],
    [0.999, 100000, 3, -91.51283167847895],
    [0.48, 50000, 50001, -83.48728392202156],
    [1e-5, 1, 1000000, -0.000045398690312559456],
  ];
  for (const [x, a, b, expected] of known) {
    it(`log I at x = ${x}, a = ${a}, b = ${b}`, () =>
      // An absolute error of the logarithm is a relative one of I.
      expect(logRegularizedBeta(x, { a, b }).lower).to.be.closeTo(expected, 1e-12 * Math.max(1, Math.abs(expected))));
  }

  it('is complementary under the exchange of a and b, x and 1 − x', () => {
    for (const x of [0.01, 0.2, 0.5, 0.97]) {
      const mirrored = logRegularizedBeta(1 - x, { a: 7, b: 2.5 }).upper;
      expectRelative(logRegularizedBeta(x, { a: 2.5, b: 7 }).lower, mirrored, 1e-12);
    }
  });

  it('ends at 0 and 1', () => {
    expect(regularizedBeta(0, { a: 2, b: 3 })).to.equal(0);
    expect(regularizedBeta(1, { a: 2, b: 3 })).to.equal(1);
  });

  it('is inverted, far tails included', () => {
    for (const shape of [
      { a: 1, b: 1 },
      { a: 1, b: 200 },
      { a: 1950, b: 51 },
      { a: 1e5, b: 3 },
    ]) {
      for (const p of [1e-200, 1e-12, 0.025, 0.5]) {
        const x = inverseRegularizedBeta(p, shape);
        expect(logRegularizedBeta(x, shape).lower).to.be.closeTo(Math.log(p), 1e-10);
      }
      for (const p of [0.975, 1 - 1e-9]) {
        // Near x = 1 the result is rounded to 1e-16, which moves I by its slope, at most a + b here.
        const x = inverseRegularizedBeta(p, shape);
        expect(regularizedBeta(x, shape)).to.be.closeTo(p, 1e-11);
      }
    }
  });

  it('has the closed form x^a at b = 1, where the prefactor alone would be wrong', () => {
    expectRelative(regularizedBeta(0.3, { a: 4, b: 1 }), 0.3 ** 4, 1e-14);
    expectRelative(inverseRegularizedBeta(0.05, { a: 200, b: 1 }), 0.05 ** (1 / 200), 1e-14);
  });
});

describe('binomial tails', () => {
  it('are the sums of the masses', () => {
    const coin = { trials: 30, probability: 0.37 };
    for (const k of [1, 11, 30]) {
      let sum = 0;
      for (let i = k; i <= 30; i++) sum += Math.exp(logBinomialMass(i, coin));
      expectRelative(Math.exp(logBinomialTail(k, coin)), sum, 1e-13);
    }
  });

  it('know their ends', () => {
    const coin = { trials: 10, probability: 0.2 };
    expect(logBinomialTail(0, coin)).to.equal(0);
    expect(logBinomialTail(11, coin)).to.equal(Number.NEGATIVE_INFINITY);
    expectRelative(logBinomialTail(10, coin), 10 * Math.log(0.2), 1e-14);
    expectRelative(logBinomialMass(0, coin), 10 * Math.log(0.8), 1e-14);
  });
});
