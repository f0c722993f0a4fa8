import { expect } from 'chai';
import { zeros } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import type { Weights } from '../contracts/model.ts';
import { clippedUpdate, noisyMeanUpdate } from './private-average.ts';

const weights = (kernel: readonly number[], bias: readonly number[]): Weights => ({
  params: [
    {},
    {
      kernel: { shape: [kernel.length], data: Float32Array.from(kernel) },
      bias: { shape: [bias.length], data: Float32Array.from(bias) },
    },
  ],
  state: [{}, {}],
});

const flat = (tree: Weights): number[] => arraysOf(tree).flatMap(({ data }) => [...data]);

describe('clippedUpdate', () => {
  it('scales the whole update to the norm, not each array', () => {
    const clipped = flat(clippedUpdate(weights([3, 0], [0, 4]), 2)); // of norm 5
    expect(clipped.map((value) => Number(value.toFixed(6)))).to.deep.equal([1.2, 0, 0, 1.6]);
  });

  it('leaves smaller ones as they are, and 0 too', () => {
    expect(flat(clippedUpdate(weights([3], [4]), 5.001))).to.deep.equal([3, 4]);
    expect(flat(clippedUpdate(weights([0], [0]), 1))).to.deep.equal([0, 0]);
  });

  it('takes an update that is not finite for none', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(flat(clippedUpdate(weights([value, 1], [2]), 1))).to.deep.equal([0, 0, 0]);
    }
  });
});

describe('noisyMeanUpdate', () => {
  const count = 20_000;
  const like: Weights = { params: [{ kernel: zeros([count]) }], state: [{}] };
  const average = { like, rng: seededRng(3), expectedClients: 2.5 };

  it('divides the sum by the expected number of clients, not by how many there are', () => {
    const rule = { clipNorm: 5, noiseMultiplier: 0 };
    const updates = [weights([1], [2]), weights([3], [5])];
    const own = { ...average, like: weights([9], [9]), rule };
    expect(flat(noisyMeanUpdate(updates, own)).map((value) => Number(value.toFixed(6)))).to.deep.equal([1.6, 2.8]);
    expect(flat(noisyMeanUpdate([], own)).map(Math.abs)).to.deep.equal([0, 0]);
  });

  it('adds noise of standard deviation noiseMultiplier · clipNorm ÷ expectedClients once, whoever took part', () => {
    const rule = { clipNorm: 0.6, noiseMultiplier: 1.7 };
    const expected = (1.7 * 0.6) / 2.5; // neither a square nor a share for each client
    for (const clients of [0, 1, 4]) {
      const draws = flat(noisyMeanUpdate(Array<Weights>(clients).fill(like), { ...average, rule }));
      const std = Math.sqrt(draws.reduce((sum, value) => sum + value ** 2, 0) / count);
      // The sample std of n normals is within 4.5σ/√(2n) of σ, but for 7 in 10⁶.
      expect(std, `${clients} clients`).to.be.closeTo(expected, (4.5 * expected) / Math.sqrt(2 * count));
    }
  });
});
