import { expect } from 'chai';
import { dpSgdEvent, epsilonOf, gaussianDelta, gaussianEvent, laplaceEvent } from './index.ts';

describe('one sampled step', () => {
  it('has δ(ε) = q δ₁(log(1 + (e^ε − 1)/q)), δ₁ of the step without sampling', () => {
    for (const [samplingRate, noiseMultiplier, delta] of [
      [0.1, 1, 1e-5],
      [0.5, 0.3, 0.01],
      [0.01, 0.1, 1e-6], // an ε above 30
    ] as const) {
      const epsilon = epsilonOf(dpSgdEvent({ samplingRate, noiseMultiplier, steps: 1 }), delta).estimate as number;
      const unsampled = Math.log1p(Math.expm1(epsilon) / samplingRate);
      expect((samplingRate * gaussianDelta(1 / noiseMultiplier, unsampled)) / delta).to.be.closeTo(1, 1e-9);
    }
  });
});

describe('closed forms', () => {
  it('bound from below and above, a rounding apart', () => {
    for (const event of [
      laplaceEvent(0.5),
      gaussianEvent(2),
      dpSgdEvent({ samplingRate: 0.1, noiseMultiplier: 1, steps: 1 }),
    ]) {
      const { lower, estimate, upper } = epsilonOf(event, 1e-5) as Record<'lower' | 'estimate' | 'upper', number>;
      expect(lower)
        .to.be.below(estimate)
        .and.above(estimate * (1 - 1e-11));
      expect(upper)
        .to.be.above(estimate)
        .and.below(estimate * (1 + 1e-11));
    }
  });
});

describe('where δ covers that a record was ever sampled', () => {
  const run = { samplingRate: 1e-4, noiseMultiplier: 0.001, steps: 5 };
  const ever = -Math.expm1(5 * Math.log1p(-1e-4));

  for (const adjacency of ['add-or-remove', 'replace-one', 'zero-out'] as const) {
    it(`ε is 0, however little the noise is (${adjacency})`, () => {
      const answer = epsilonOf(dpSgdEvent(run), ever * 1.001, { adjacency });
      expect([answer.lower, answer.estimate, answer.upper]).to.deep.equal([0, 0, 0]);
    });

    it(`ε is not 0 just below (${adjacency})`, () => {
      expect(epsilonOf(dpSgdEvent(run), ever * 0.9, { adjacency }).upper).to.be.above(1000);
    });
  }

  it('counts every record of a user', () => {
    const user = dpSgdEvent({ ...run, noiseMultiplier: 0.3, recordsPerUser: 3 });
    const any = -Math.expm1(15 * Math.log1p(-1e-4));
    expect(epsilonOf(user, any * 1.001).upper).to.equal(0);
    for (const below of [any * 0.8, ever * 1.001]) expect(epsilonOf(user, below).upper).to.be.above(0);
  });

  it('is never so of noise without sampling', () => {
    expect(epsilonOf(dpSgdEvent({ ...run, samplingRate: 1 }), 0.999).upper).to.be.above(1000);
  });
});
