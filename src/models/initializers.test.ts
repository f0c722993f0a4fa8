import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import type { Initializer } from '../contracts/model.ts';
import { glorot, he, initialization, nonNegative, uniform } from './initializers.ts';

const fan = { in: 30, out: 20 };
const n = 40_000;
const drawFrom = (initializer: Initializer): Float32Array => initializer(seededRng(7), [n], fan).data;
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const std = (values: Float32Array): number => Math.sqrt(mean(values.map((value) => value * value)) - mean(values) ** 2);

describe('the initializers', () => {
  for (const [name, { kernel }, variance] of [
    ['glorot', glorot, 2 / (30 + 20)],
    ['he', he, 2 / 30],
    ['uniform', uniform, 1 / 12],
  ] as const) {
    it(`${name}: uniform, with mean 0 and variance ${variance.toFixed(4)}`, () => {
      const values = drawFrom(kernel);
      const bound = Math.sqrt(3 * variance);
      // Means of n uniform draws have std σ ÷ √n; their std has √(1/5) σ ÷ √n (kurtosis 1.8); 4.5 of them: 7 in 10⁶.
      expect(mean(values)).to.be.closeTo(0, (4.5 * Math.sqrt(variance)) / Math.sqrt(n));
      expect(std(values) / Math.sqrt(variance)).to.be.closeTo(1, 4.5 * Math.sqrt(0.2 / n));
      expect(values.every((value) => Math.abs(value) <= bound * (1 + 1e-6))).to.equal(true);
      // The largest of n is within ln(10⁶) ÷ n of the bound, but for one in 10⁶.
      expect(values.reduce((most, value) => Math.max(most, value), 0) / bound).to.be.above(1 - (2 * 14) / n);
    });
  }

  it('start biases at 0, but for uniform', () => {
    expect(drawFrom(glorot.bias).every((value) => value === 0)).to.equal(true);
    expect(drawFrom(he.bias).every((value) => value === 0)).to.equal(true);
    expect(std(drawFrom(uniform.bias))).to.be.closeTo(Math.sqrt(1 / 12), 0.01);
  });

  it('can be made non-negative without another draw', () => {
    expect(drawFrom(nonNegative(he).kernel)).to.eql(drawFrom(he.kernel).map(Math.abs));
  });

  it('are found by name, and an unknown one names the others', () => {
    expect(initialization('glorot')).to.equal(glorot);
    expect(() => initialization('xavier')).to.throw(
      RangeError,
      'init must be one of glorot, he, uniform, but is "xavier".',
    );
  });
});
