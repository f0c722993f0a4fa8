import { expect } from 'chai';
import { latticeFactor, latticeStep } from '../arrays/lattice.ts';
import { zeros } from '../arrays/ndarray.ts';
import { secureRng, seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import type { UpdateRule } from '../contracts/defense.ts';
import type { Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { clippedUpdate, nextUpdateClipNorm, noisyMeanUpdate } from './private-average.ts';

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

const clip = (update: Weights, clipNorm: number, clipping?: UpdateRule['clipping']) =>
  clippedUpdate(update, { clipNorm, noiseMultiplier: 0, clipping }).update;

const adaptive = { kind: 'adaptive', quantile: 0.4, learningRate: 2, countStd: 0.8 } as const;

describe('clippedUpdate', () => {
  it('scales the whole update to the norm, not each array', () => {
    const clipped = flat(clip(weights([3, 0], [0, 4]), 2)); // of norm 5
    expect(clipped.map((value) => Number(value.toFixed(6)))).to.deep.equal([1.2, 0, 0, 1.6]);
  });

  it('leaves smaller ones as they are, and 0 too', () => {
    expect(flat(clip(weights([3], [4]), 5.001))).to.deep.equal([3, 4]);
    expect(flat(clip(weights([0], [0]), 1))).to.deep.equal([0, 0]);
  });

  it('takes an update that is not finite for none', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(flat(clip(weights([value, 1], [2]), 1))).to.deep.equal([0, 0, 0]);
    }
  });
});

describe('clippedUpdate layer by layer', () => {
  /** Two layers with parameters, of norms 5 and 13, and one without between them. */
  const made: Weights = {
    params: [...weights([3, 0], [4]).params.slice(1), {}, ...weights([5], [12]).params.slice(1)],
    state: [{}, {}, {}],
  };
  const norms = (update: Weights) => update.params.map((layer) => Math.hypot(...flat({ params: [layer], state: [] })));

  it('brings each to C ÷ √L, or to its own C_l, together at most C', () => {
    const equal = norms(clip(made, Math.SQRT2, { kind: 'per-layer' }));
    expect(equal.map((value) => Number(value.toFixed(6)))).to.deep.equal([1, 0, 1]);
    const own = norms(clip(made, Math.hypot(2, 6), { kind: 'per-layer', proportions: [2, 6] }));
    expect(own.map((value) => Number(value.toFixed(5)))).to.deep.equal([2, 0, 6]);
  });

  it('leaves a layer that is within its norm as it is, and drops an update that is not finite', () => {
    const some = norms(clip(made, Math.hypot(7, 6), { kind: 'per-layer', proportions: [7, 6] }));
    expect(some.map((value) => Number(value.toFixed(5)))).to.deep.equal([5, 0, 6]);
    const spoiled = { ...made, params: [...made.params.slice(0, 2), ...weights([Number.NaN], [1]).params.slice(1)] };
    expect(norms(clip(spoiled, 1, { kind: 'per-layer' }))).to.deep.equal([0, 0, 0]);
  });
});

describe('adaptive clipping of updates', () => {
  it('clips to the C of the round, not to the first one, and tells whether the norm was below', () => {
    const rule = { clipNorm: 100, noiseMultiplier: 0, clipping: adaptive };
    for (const [clipNorm, expected, below] of [
      [2, 2, false],
      [5, 5, true],
      [9, 5, true],
    ] as const) {
      const { update, isBelowClip } = clippedUpdate(weights([3], [4]), rule, clipNorm);
      expect(Math.hypot(...flat(update))).to.be.closeTo(expected, 1e-6);
      expect(isBelowClip).to.equal(below);
    }
    expect(clippedUpdate(weights([Number.NaN], [4]), rule, 9).isBelowClip).to.equal(false);
  });

  it('moves C by the noisy share of clients below it: C exp(−η (b̃ − γ))', () => {
    const rule = { clipNorm: 100, noiseMultiplier: 0.5, clipping: adaptive };
    const next = (countStd: number, seed = 1) =>
      nextUpdateClipNorm(
        {
          ...{ rule: { ...rule, clipping: { ...adaptive, countStd } }, clipNorm: 3 },
          ...{ expectedClients: 8, rng: seededRng(seed) },
        },
        { below: 5, examples: 6 },
      );
    expect(next(1e-12)).to.be.closeTo(3 * Math.exp(-2 * (2 / 8 + 0.5 - 0.4)), 1e-6);
    const moves = Array.from({ length: 400 }, (_, seed) => Math.log(next(0.8, seed + 1) / next(1e-12)));
    const spread = Math.sqrt(moves.reduce((sum, move) => sum + move ** 2, 0) / 400);
    expect(spread).to.be.closeTo((2 * 0.8) / 8, (4.5 * (2 * 0.8)) / 8 / Math.sqrt(800));
    const flatRule = { rule: { clipNorm: 100, noiseMultiplier: 0.5 }, expectedClients: 8, rng: seededRng(1) };
    expect(nextUpdateClipNorm(flatRule, { below: 0, examples: 6 })).to.equal(100);
  });

  it('adds z_Δ C to the updates, with the C of the round', () => {
    const rule = { clipNorm: 100, noiseMultiplier: 1.3, clipping: adaptive };
    const like: Weights = { params: [{ kernel: zeros([20_000]) }], state: [{}] };
    const draws = flat(noisyMeanUpdate([], { like, rule, clipNorm: 0.6, rng: seededRng(3), expectedClients: 2.5 }));
    const z = (1.3 ** -2 - 1.6 ** -2) ** -0.5; // 2.23: gradient and count together are z = 1.3
    const std = Math.sqrt(draws.reduce((sum, value) => sum + value ** 2, 0) / 20_000);
    expect(std).to.be.closeTo((z * 0.6) / 2.5, (4.5 * z * 0.6) / 2.5 / Math.sqrt(40_000));
  });

  it('puts the count on the lattice where the source is secure', () => {
    const clipping = { ...adaptive, learningRate: 1, quantile: 0.5 };
    const average = { rule: { clipNorm: 1, noiseMultiplier: 0.5, clipping }, expectedClients: 1 };
    const unit = 0.8 * latticeFactor(1.6, 'l2', 1) * latticeStep;
    const isMultiple = (rng: Rng) => {
      const noisy = -Math.log(nextUpdateClipNorm({ ...average, rng }, { below: 5, examples: 6 }));
      return Math.abs(noisy / unit - Math.round(noisy / unit)) < 1e-4;
    };
    expect(Array.from({ length: 20 }, () => isMultiple(secureRng())).every((own) => own)).to.equal(true);
    expect(Array.from({ length: 20 }, (_, seed) => isMultiple(seededRng(seed))).every((own) => own)).to.equal(false);
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
