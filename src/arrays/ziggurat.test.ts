import { expect } from 'chai';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Rng } from '../contracts/rng.ts';
import { secureRng, seededRng } from './rng.ts';
import { fillWithSums } from './xoroshiro-sums.ts';
import { layerArea, reaches, tailStart } from './ziggurat.ts';

const density = (x: number) => Math.exp(-0.5 * x * x);

/** ∫ exp(−x² ÷ 2) by Simpson's rule. */
function areaBetween(from: number, to: number, steps = 20_000): number {
  const step = (to - from) / steps;
  let sum = density(from) + density(to);
  for (let i = 1; i < steps; i += 1) sum += (i % 2 === 1 ? 4 : 2) * density(from + i * step);
  return (sum * step) / 3;
}

const whole = Math.sqrt(2 * Math.PI);
const twoTails = (z: number) => (2 * areaBetween(z, z + 12)) / whole;

/** The probability of a rare event's count, or of one farther from the mean on the same side: exact where counts are not normal. */
function poissonTail(count: number, mean: number): number {
  const direction = count > mean ? 1 : -1;
  let logOfTerm = -mean;
  for (let k = 1; k <= count; k += 1) logOfTerm += Math.log(mean / k);
  let term = Math.exp(logOfTerm);
  let sum = 0;
  for (let k = count; k >= 0 && term > 0; k += direction) {
    sum += term;
    term *= direction > 0 ? mean / (k + 1) : k / mean;
  }
  return sum;
}

describe('the layers of the Ziggurat', () => {
  it('have one area: the lowest with its tail, and the highest where the density is 1', () => {
    const lowest = tailStart * density(tailStart) + areaBetween(tailStart, tailStart + 12);
    expect(lowest / layerArea).to.be.closeTo(1, 1e-12);
    const highest = reaches.at(-2) as number;
    expect(density(highest) + layerArea / highest).to.be.closeTo(1, 1e-13);
    expect(reaches.at(-1)).to.equal(0);
  });
});

const sources: readonly { readonly name: string; readonly make: () => Rng }[] = [
  { name: 'seeded', make: () => seededRng(11) },
  { name: 'secure', make: secureRng },
];

for (const { name, make } of sources) {
  describe(`${name} normal draws`, () => {
    const n = 4_000_000;
    let values: Float32Array = new Float32Array();
    before(() => {
      values = make().normal(n);
    });
    after(() => {
      values = new Float32Array();
    });

    const meanOf = (f: (x: number, i: number) => number) => values.reduce((sum, x, i) => sum + f(x, i), 0) / n;
    const countOf = (is: (x: number) => boolean) => values.reduce((count, x) => count + (is(x) ? 1 : 0), 0);
    /** The mean of n values is this near to its expectation but for 7 in 10⁶. */
    const near = (variance: number) => 4.5 * Math.sqrt(variance / n);

    it('have the distribution of the normal law at every place', () => {
      const sorted = values.toSorted();
      let below = 0.5 * twoTails(5);
      let count = 0;
      let farthest = 0;
      for (let z = -5; z <= 5; z += 0.01) {
        while ((sorted[count] as number) <= z) count += 1;
        farthest = Math.max(farthest, Math.abs(count / n - below));
        below += areaBetween(z, z + 0.01, 4) / whole;
      }
      expect(farthest * Math.sqrt(n)).to.be.below(2.5); // Kolmogorov and Smirnov: above it 7 times in 10⁶
    });

    it('have the moments 0, 1, 0, 3 and 15', () => {
      expect(meanOf((x) => x)).to.be.closeTo(0, near(1));
      expect(meanOf((x) => x ** 2)).to.be.closeTo(1, near(2));
      expect(meanOf((x) => x ** 3)).to.be.closeTo(0, near(15));
      expect(meanOf((x) => x ** 4)).to.be.closeTo(3, near(96));
      expect(meanOf((x) => x ** 6)).to.be.closeTo(15, near(10_170));
    });

    it('have tails that go on where the layers end', () => {
      for (const z of [3.5, tailStart, 3.8, 4.2, 4.5]) {
        const above = countOf((x) => x > z);
        const below = countOf((x) => x < -z);
        const mean = n * twoTails(z);
        expect(poissonTail(above + below, mean), `beyond ${z}`).to.be.above(3.4e-6); // both sides: but for 7 in 10⁶
        expect(poissonTail(above, mean / 2), `above ${z}`).to.be.above(3.4e-6);
      }
    });

    it('say nothing of the next one', () => {
      const next = (i: number) => values[(i + 1) % n] as number;
      expect(meanOf((x, i) => x * next(i))).to.be.closeTo(0, near(1));
      expect(meanOf((x, i) => (x * x - 1) * (next(i) ** 2 - 1))).to.be.closeTo(0, near(4));
      expect(meanOf((x, i) => Math.sign(x) * Math.sign(next(i)))).to.be.closeTo(0, near(1));
    });

    it('are as many as were asked for', () => {
      for (const count of [0, 1, 2, 511, 512, 513, 1025]) {
        const own = make().normal(count);
        expect(own).to.have.length(count);
        expect(own.subarray(-3).every((value) => value !== 0)).to.equal(true);
      }
    });
  });
}

describe('fillWithSums', () => {
  const seed = [0x12345678, -5, 0x7fffffff, 0x0badf00d];
  const mask = (1n << 64n) - 1n;
  const rotated = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & mask;
  const wordOf = (high = 0, low = 0) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

  it('gives the sums of the published algorithm in 64-bit numbers', () => {
    let [a, b] = [wordOf(seed[0], seed[1]), wordOf(seed[2], seed[3])];
    const halves = new Int32Array(200);
    fillWithSums(halves, seed);
    for (let i = 0; i < halves.length; i += 2) {
      expect(wordOf(halves[i], halves[i + 1])).to.equal((a + b) & mask);
      const mixed = a ^ b;
      a = rotated(a, 24n) ^ mixed ^ ((mixed << 16n) & mask);
      b = rotated(mixed, 37n);
    }
  });

  it('goes on from the state after them, as the generator does', () => {
    const generator = xoroshiro128plusFromState(seed);
    const state = fillWithSums(new Int32Array(10), seed);
    for (let i = 0; i < 5; i += 1) generator.next();
    expect(state).to.deep.equal(generator.getState());
  });
});
