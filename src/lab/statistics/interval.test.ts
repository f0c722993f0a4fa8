import { expect } from 'chai';
import { intervalOf } from './interval.ts';
import { tQuantile } from './t-distribution.ts';

describe('tQuantile', () => {
  // The usual table of Student's t.
  const table = [
    [0.975, 1, 12.7062047362],
    [0.975, 2, 4.3026527297],
    [0.975, 3, 3.1824463053],
    [0.975, 4, 2.7764451052],
    [0.975, 9, 2.2621571628],
    [0.975, 30, 2.0422724563],
    [0.95, 5, 2.0150483733],
    [0.975, 1000, 1.9623390808],
  ] as const;
  for (const [p, degrees, expected] of table) {
    it(`is ${expected} for p ${p} and ${degrees} degrees of freedom`, () => {
      expect(tQuantile(p, degrees)).to.be.closeTo(expected, 1e-9 * expected);
    });
  }

  it('is 0 at the median, and refuses what has no quantile', () => {
    expect(tQuantile(0.5, 3)).to.be.below(1e-12);
    expect(() => tQuantile(1, 3)).to.throw(RangeError, /p must be/);
    expect(() => tQuantile(0.9, 0)).to.throw(RangeError, /degrees of freedom/);
  });
});

describe('intervalOf', () => {
  it('gives mean, sample sd and the 95 % t interval', () => {
    const { n, mean, sd, low, high } = intervalOf([1, 2, 3, 4]);
    expect([n, mean]).to.deep.equal([4, 2.5]);
    expect(sd).to.be.closeTo(1.2909944487, 1e-9); // not the population's 1.118
    expect(low).to.be.closeTo(0.4457397432, 1e-9); // 2.5 − 3.1824 · 1.2910 ÷ 2; with 1.96 it would be 1.235
    expect(high).to.be.closeTo(4.5542602568, 1e-9);
  });

  it('claims no spread of a single value, and nothing of none', () => {
    expect(intervalOf([7])).to.deep.equal({ n: 1, mean: 7, sd: undefined, low: undefined, high: undefined });
    expect(() => intervalOf([])).to.throw(RangeError);
  });
});
