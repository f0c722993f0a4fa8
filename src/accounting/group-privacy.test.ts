import { expect } from 'chai';
import { epsilonOf } from './epsilon-of.ts';
import { dpSgdEvent } from './events.ts';
import { groupEpsilon } from './group-privacy.ts';

const run = { samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 };
const delta = 1e-5;

describe('groupEpsilon', () => {
  it('is the figure of one record for one record', () => {
    const own = epsilonOf(dpSgdEvent(run), delta).upper;
    expect(groupEpsilon({ run, records: 1, delta })).to.equal(own);
  });

  // shared/reference/accounting.csv, R0697 to R0700: an upper bound of the mixture, and at most what RDP and group privacy give.
  for (const { noiseMultiplier, mixture, rdp } of [
    { noiseMultiplier: 1, mixture: 11.6379765169, rdp: 23.6866333157 },
    { noiseMultiplier: 4, mixture: 1.58716879304, rdp: 1.74690109363 },
  ]) {
    it(`lies between the mixture and RDP for five records at noise ${noiseMultiplier}`, () => {
      const epsilon = groupEpsilon({ run: { ...run, noiseMultiplier }, records: 5, delta });
      expect(epsilon).to.be.at.least(mixture);
      expect(epsilon).to.be.at.most(rdp * 1.002); // not one record’s, nor k times it at the same δ
    });
  }

  it('is the plain Gaussian of noise z ÷ k where everybody is in every lot', () => {
    const whole = { samplingRate: 1, noiseMultiplier: 20, steps: 10 };
    const scaled = epsilonOf(dpSgdEvent({ ...whole, noiseMultiplier: 4 }), delta).upper;
    expect(groupEpsilon({ run: whole, records: 5, delta })).to.be.closeTo(scaled as number, 1e-9);
  });

  it('takes the user for one record of rate 1 − (1 − q)^k where nearly everybody is in every lot', () => {
    const often = { samplingRate: 0.95, noiseMultiplier: 6, steps: 10 };
    const asOne = { samplingRate: 1 - 0.05 ** 4, noiseMultiplier: 6 / 4, steps: 10 };
    const { upper } = epsilonOf(dpSgdEvent(asOne), delta); // 10.67; at the record’s own rate 10.22
    expect(groupEpsilon({ run: often, records: 4, delta })).to.be.closeTo(upper as number, 1e-6);
  });

  it('grows with the number of records, by more than in proportion', () => {
    const figures = [1, 2, 3, 5].map((records) => groupEpsilon({ run, records, delta }));
    for (const [index, records] of [1, 2, 3, 5].entries()) {
      expect(figures[index]).to.be.at.least(records * (figures[0] as number));
    }
  });

  it('is ∞ without noise', () => {
    expect(groupEpsilon({ run: { ...run, noiseMultiplier: 0 }, records: 3, delta })).to.equal(Number.POSITIVE_INFINITY);
  });
});
