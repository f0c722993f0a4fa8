import { expect } from 'chai';
import fc from 'fast-check';
import type { Rng } from '../contracts/rng.ts';
import { secureRng, seededRng } from './rng.ts';

const sources: readonly { readonly name: string; readonly make: () => Rng }[] = [
  { name: 'seededRng', make: () => seededRng(1) },
  { name: 'secureRng', make: secureRng },
];

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const shareOf = (values: Float32Array, is: (value: number) => boolean) => values.filter(is).length / values.length;

for (const { name, make } of sources) {
  describe(name, () => {
    const n = 200_000;
    // A share p of n draws lies within 4.5 √(p(1 − p)/n) of p but for 7 in 10⁶.
    const near = (share: number) => 4.5 * Math.sqrt((share * (1 - share)) / n);

    it('draws uniforms evenly, within their bounds', () => {
      const values = make().uniform(n, -2, 3);
      expect(Math.min(...values.subarray(0, 1000))).to.be.at.least(-2);
      expect(Math.max(...values.subarray(0, 1000))).to.be.below(3);
      for (const cut of [-1.5, 0, 2.9])
        expect(shareOf(values, (v) => v < cut)).to.be.closeTo((cut + 2) / 5, near((cut + 2) / 5));
    });

    it('draws normals of mean 0 and standard deviation 1, right in both tails', () => {
      const values = make().normal(n);
      expect(mean(values)).to.be.closeTo(0, 4.5 / Math.sqrt(n));
      expect(Math.sqrt(mean(values.map((v) => v * v)))).to.be.closeTo(1, 4.5 / Math.sqrt(2 * n));
      for (const [z, tail] of [
        [1, 0.158655],
        [2, 0.0227501],
        [3, 0.0013499],
      ] as const) {
        expect(
          shareOf(values, (v) => v > z),
          `above ${z}`,
        ).to.be.closeTo(tail, near(tail));
        expect(
          shareOf(values, (v) => v < -z),
          `below −${z}`,
        ).to.be.closeTo(tail, near(tail));
      }
    });

    it('draws Laplace values of scale 1, right in both tails', () => {
      const values = make().laplace(n);
      for (const z of [0.5, 1, 3, 6]) {
        const tail = Math.exp(-z) / 2;
        expect(
          shareOf(values, (v) => v > z),
          `above ${z}`,
        ).to.be.closeTo(tail, near(tail));
        expect(
          shareOf(values, (v) => v < -z),
          `below −${z}`,
        ).to.be.closeTo(tail, near(tail));
      }
    });

    it('permutes: every number once, every place alike', () => {
      const rng = make();
      const first = Array.from({ length: 3000 }, () => rng.permutation(3)[0]);
      for (const value of [0, 1, 2]) {
        const share = first.filter((other) => other === value).length / first.length;
        expect(share).to.be.closeTo(1 / 3, 4.5 * Math.sqrt(2 / 9 / 3000));
      }
      expect([...rng.permutation(50)].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 50 }, (_, i) => i));
      expect(rng.permutation(0)).to.have.length(0);
    });

    it('refuses a bound that is no positive integer', () => {
      for (const bound of [0, -1, 1.5, Number.NaN])
        expect(() => make().integer(bound)).to.throw(RangeError, `${bound}`);
    });

    it('keeps integers below any bound', () => {
      const rng = make();
      fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bound) => rng.integer(bound) < bound));
    });
  });
}

describe('seededRng', () => {
  it('gives the same stream in every release', () => {
    const rng = seededRng(42);
    expect([rng.next(), rng.next()]).to.deep.equal([0.1837588174637228, 0.29266691285131596]);
    expect([...rng.fork('client-3').normal(3)]).to.deep.equal([
      0.08567722141742706, -0.4490165114402771, -1.1356641054153442,
    ]);
    expect([...rng.fork('client-3').laplace(2)]).to.deep.equal([-0.22196637094020844, -0.31277740001678467]);
    expect([...rng.fork('order').permutation(6)]).to.deep.equal([3, 1, 5, 2, 4, 0]);
  });

  it('forks by name: whatever was drawn before, and differently for each name and seed', () => {
    const used = seededRng(1);
    used.normal(100);
    expect([...used.fork('a').uniform(4)]).to.deep.equal([...seededRng(1).fork('a').uniform(4)]);
    const others = [seededRng(1).fork('b'), seededRng(2).fork('a'), seededRng(1).fork('a').fork('a'), seededRng(1)];
    const streams = [seededRng(1).fork('a'), ...others].map((rng) => rng.next());
    expect(new Set(streams).size).to.equal(streams.length);
  });

  it('takes seed 0 for a seed, and refuses what is none', () => {
    expect(seededRng(0).next()).to.equal(seededRng(0).next());
    for (const seed of [1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => seededRng(seed)).to.throw(RangeError, `${seed}`);
  });
});

describe('secureRng', () => {
  it('never repeats', () => {
    expect(secureRng().next()).to.not.equal(secureRng().next());
    expect(secureRng().fork('a').next()).to.not.equal(secureRng().fork('a').next());
    expect(secureRng().source).to.equal('secure');
  });
});
