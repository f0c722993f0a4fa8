import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import { bootstrapInterval } from './bootstrap.ts';
import { interquartileMean } from './robust.ts';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rng = seededRng(3);

describe('bootstrapInterval', () => {
  it('takes all resamples of few values', () => {
    // The mean of 0, 0, 0, 1 resampled is Binomial(4, 1/4) ÷ 4: P(0) = .316, P(≤ 3/4) = .996, P(≤ 2/4) = .949.
    expect(bootstrapInterval([0, 0, 0, 1], mean, { rng })).to.deep.equal({ low: 0, high: 0.75 });
    expect(bootstrapInterval([0, 0, 0, 1], mean, { rng, level: 0.89 })).to.deep.equal({ low: 0, high: 0.5 });
  });

  it('is close to normal theory for many values', () => {
    const values = [...seededRng(1).normal(200)];
    const center = mean(values);
    const error = Math.sqrt(mean(values.map((value) => (value - center) ** 2)) / values.length);
    const { low, high } = bootstrapInterval(values, mean, { rng }) ?? { low: 0, high: 0 };
    expect((low - center) / error).to.be.closeTo(-1.96, 0.08);
    expect((high - center) / error).to.be.closeTo(1.96, 0.08);
  });

  it('draws the same interval from the same seed, and none of one value', () => {
    const values = [...seededRng(2).uniform(9)];
    const draw = () => bootstrapInterval(values, interquartileMean, { rng: seededRng(5), resamples: 500 });
    expect(draw()).to.deep.equal(draw());
    expect(bootstrapInterval([1], mean, { rng })).to.equal(undefined);
  });
});

describe('interquartileMean', () => {
  it('averages the middle half, counting values on its edge in part', () => {
    expect(interquartileMean([5, 8, 4, 38, 8, 6, 9, 7, 7, 3, 1, 6])).to.be.closeTo(6.5, 1e-12); // 5, 6, 6, 7, 7, 8
    expect(interquartileMean([1, 3, 5, 7, 9, 11, 13, 15, 17])).to.be.closeTo(9, 1e-12);
    expect(interquartileMean([1, 2, 3])).to.be.closeTo(2, 1e-12);
    expect(interquartileMean([0, 1, 10, 100, 1000])).to.be.closeTo((0.75 * 1 + 10 + 0.75 * 100) / 2.5, 1e-12);
    expect(() => interquartileMean([])).to.throw(RangeError);
  });
});
