/** The closed forms of Gaussian and Laplace noise. */

import { expect } from 'chai';
import fc from 'fast-check';
import { epsilonOf } from '../epsilon-of.ts';
import { dpSgdEvent, gaussianEvent, laplaceEvent, repeated } from '../events.ts';
import { laplaceDelta, laplaceEpsilon, laplaceNoise } from '../laplace.ts';
import { referenceRows } from '../testing/reference.ts';
import {
  analyticGaussianMultiplier,
  classicGaussianMultiplier,
  gaussianDelta,
  gaussianEpsilon,
  gaussianLogDelta,
} from './analytic.ts';

describe('Gaussian DP', () => {
  it('has bounds for noise whose square is no number any more', () => {
    for (const noiseMultiplier of [1e150, 1e155, 1e300]) {
      const { lower, upper } = epsilonOf(gaussianEvent(noiseMultiplier), 1e-5);
      expect([lower, upper]).to.deep.equal([0, 0]);
      expect(epsilonOf(gaussianEvent(noiseMultiplier), 0)).to.include({ lower: 0, upper: Number.POSITIVE_INFINITY });
      const sampled = dpSgdEvent({ noiseMultiplier, samplingRate: 0.1, steps: 10 });
      expect(epsilonOf(sampled, 1e-5, { accountant: 'gaussian-dp' }).estimate).to.equal(0);
    }
  });
});

describe('the analytic Gaussian mechanism', () => {
  const known = [
    [1, 1, -2.0640664465003904],
    [0.01, 0.05, -21.324483053153855],
    [10, 100, -15.486974416270813],
    [0.5, 4, -35.845877466380166],
    [3, 0, -0.1434252068611771],
    [0.2, 9, -1018.148175433052],
  ] as const;
  for (const [mu, epsilon, logDelta] of known) {
    it(`has log δ ${logDelta} at μ ${mu}, ε ${epsilon}`, () => {
      expect(gaussianLogDelta(mu, epsilon)).to.be.closeTo(logDelta, Math.abs(logDelta) * 1e-13);
    });
  }

  it('agrees with the exact rows of dp_accounting', () => {
    const rows = referenceRows().filter((row) => row.mechanism === 'gaussian' && /exact|analytic/.test(row.accountant));
    expect(rows.length).to.be.above(7);
    for (const { sigma, steps, delta, value, id } of rows) {
      expect(gaussianEpsilon(Math.sqrt(steps) / sigma, delta) / value, id).to.be.closeTo(1, 1e-9);
    }
  });

  it('calibrates like dp_accounting', () => {
    for (const { sigma: epsilon, delta, value } of referenceRows().filter(
      (row) => row.mechanism === 'gaussian-sigma',
    )) {
      expect(analyticGaussianMultiplier(epsilon, delta) / value).to.be.closeTo(1, 1e-9);
    }
    expect(classicGaussianMultiplier(1, 0.05)).to.be.closeTo(2.5373, 1e-4);
    expect(classicGaussianMultiplier(1, 1e-5)).to.be.closeTo(4.8448, 1e-4);
    expect(() => classicGaussianMultiplier(2, 1e-5)).to.throw(RangeError, 'at most 1');
  });

  it('inverts itself', () => {
    const logDelta = fc.double({ min: -60, max: -1, noNaN: true });
    const epsilon = fc.double({ min: 0.001, max: 50, noNaN: true });
    fc.assert(
      fc.property(epsilon, logDelta, (target, log) => {
        const mu = 1 / analyticGaussianMultiplier(target, Math.exp(log));
        return Math.abs(gaussianEpsilon(mu, Math.exp(log)) / target - 1) < 1e-9;
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('knows its limits', () => {
    expect(gaussianEpsilon(0.1, 0.05)).to.equal(0); // total variation 2Φ(μ/2) − 1 = 0.0399
    expect(gaussianEpsilon(0, 1e-5)).to.equal(0);
    expect(gaussianEpsilon(1, 0)).to.equal(Number.POSITIVE_INFINITY);
    expect(gaussianDelta(0, 1)).to.equal(0);
    expect(gaussianDelta(Number.POSITIVE_INFINITY, 1)).to.equal(1);
    expect(analyticGaussianMultiplier(1, 0)).to.equal(Number.POSITIVE_INFINITY);
    expect(analyticGaussianMultiplier(Number.POSITIVE_INFINITY, 0.1)).to.equal(0);
  });
});

describe('the gaussian-dp accountant', () => {
  it('is exact without sampling: T releases are √T · μ', () => {
    const { lower, estimate, upper } = epsilonOf(repeated(gaussianEvent(30), 1000), 1e-8);
    expect(estimate).to.be.closeTo(6.12546078122, 1e-9);
    expect(lower).to.be.below(Number(estimate));
    expect(upper).to.be.above(Number(estimate)).and.below(6.12546079);
  });

  it('is only an estimate with sampling', () => {
    const event = dpSgdEvent({ samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 });
    const { lower, estimate, upper } = epsilonOf(event, 1e-5, { accountant: 'gaussian-dp' });
    expect([lower, upper]).to.deep.equal([null, null]);
    expect(estimate).to.be.closeTo(1.61771180875, 1e-7);
  });

  it('refuses Laplace noise and says so', () => {
    expect(() => epsilonOf(laplaceEvent(1), 1e-5, { accountant: 'gaussian-dp' })).to.throw('"laplace"');
  });
});

describe('Laplace noise', () => {
  it('has the closed form 1 − e^((ε − 1/b)/2)', () => {
    expect(laplaceEpsilon(1, 1e-5)).to.be.closeTo(0.9999799999, 1e-10);
    expect(laplaceDelta(2, 0.3)).to.be.closeTo(1 - Math.exp(-0.1), 1e-15);
    expect(laplaceDelta(2, 0.6)).to.equal(0);
    expect(laplaceEpsilon(laplaceNoise(0.7, 0.01), 0.01)).to.be.closeTo(0.7, 1e-14);
    expect(epsilonOf(laplaceEvent(1), 1e-5).upper).to.be.closeTo(0.9999799999, 1e-10);
  });
});
