import { expect } from 'chai';
import { adaptiveGradientNoise } from '../src/accounting/index.ts';
import type { Clipping, GradientRule } from '../src/contracts/defense.ts';
import { clientStep, minus, normOf, range, spreadOf } from '../src/training/testing/client-step.ts';
import { runSmall } from '../src/training/testing/small-task.ts';

/** The noise on the gradient is then 1.71 z: far enough from z to tell them apart. */
const adaptive = { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 0.8 } as const;

const clippings: readonly Clipping[] = [
  { kind: 'flat' },
  { kind: 'per-layer' },
  { kind: 'automatic', stabilizer: 0.01 },
  adaptive,
];

const silent = (clipNorm: number, clipping?: Clipping): GradientRule => ({ clipNorm, noiseMultiplier: 0, clipping });

/** Sample standard deviations of n normals are within this share of the true one, but for 7 in 10⁶. */
const tolerance = (draws: readonly number[]) => 4.5 / Math.sqrt(2 * draws.length);

describe('a step of dp-sgd', () => {
  for (const clipping of clippings) {
    const z = clipping.kind === 'adaptive' ? adaptiveGradientNoise({ noiseMultiplier: 1.3, countStd: 0.8 }) : 1.3;

    it(`${clipping.kind}: noise of ${z} · clipNorm ÷ batchSize on every coordinate, of an empty lot as well`, async () => {
      const rule = { clipNorm: 0.7, noiseMultiplier: 1.3, clipping };
      const expected = (z * 0.7) / 8; // neither a square, nor without the division, nor a share for each layer
      for (const [cut, count] of [
        [2, 60],
        [5, 4],
      ] as const) {
        const draws: number[] = [];
        for (const seed of range(1, count + 1))
          draws.push(...(await clientStep({ rule, indices: [], seed, cut })).move);
        expect(spreadOf(draws)).to.be.closeTo(expected, expected * tolerance(draws));
      }
    });

    it(`${clipping.kind}: one example moves the sum by at most clipNorm`, async () => {
      for (const clipNorm of [0.05, 0.5]) {
        const rule = silent(clipNorm, clipping);
        const without = await clientStep({ rule, indices: range(0, 6), cut: 5 });
        const withOne = await clientStep({ rule, indices: range(0, 7), cut: 5 });
        const moved = 8 * normOf(minus(withOne.move, without.move));
        expect(moved).to.be.at.most(clipNorm * 1.001);
        expect(moved).to.be.above(clipNorm * 0.5); // clipping is active here
      }
    });
  }

  it('divides by the public batch size, not by the size of the lot', async () => {
    const { move } = await clientStep({ rule: silent(0.01), indices: [4] });
    expect(normOf(move)).to.be.closeTo(0.01 / 8, 1e-5);
  });

  for (const [what, microbatch] of [
    ['as the batch size has it', undefined],
    ['of 7 examples, the last one of 2', 7],
    ['of one example', 1],
  ] as const) {
    it(`executes a lot of 100 in microbatches ${what}: the gradient is that of the lot in one`, async () => {
      const inMany = await clientStep({ rule: { ...silent(1), microbatch }, indices: range(0, 100) });
      const inOne = await clientStep({ rule: { ...silent(1), microbatch: 100 }, indices: range(0, 100) });
      expect(normOf(minus(inMany.move, inOne.move))).to.be.below(1e-4 * normOf(inOne.move));
    });
  }

  it('adds noise once a lot, not once a microbatch', async () => {
    const draws: number[] = [];
    const lot = { indices: range(0, 20) };
    const { move } = await clientStep({ rule: silent(0.7), ...lot });
    for (const seed of range(1, 41)) {
      const rule = { clipNorm: 0.7, noiseMultiplier: 1.3, microbatch: 4 };
      draws.push(...minus((await clientStep({ rule, ...lot, seed })).move, move));
    }
    const expected = (1.3 * 0.7) / 8;
    expect(spreadOf(draws)).to.be.closeTo(expected, expected * tolerance(draws));
  });
});

describe('per-layer clipping with norms of its own', () => {
  const proportions = [3, 0.5];
  const clipping = { kind: 'per-layer', proportions } as const;

  it('keeps each layer of one example within its norm, and uses it up', async () => {
    const clipNorm = 0.01 * Math.hypot(3, 0.5); // then the norms are 0.03 and 0.005
    const { move } = await clientStep({ rule: silent(clipNorm, clipping), indices: [4], cut: 5 });
    const first = (await clientStep({ rule: silent(1), indices: [], cut: 2 })).move.length;
    expect(8 * normOf(move.subarray(0, first))).to.be.closeTo(0.03, 1e-6);
    expect(8 * normOf(move.subarray(first))).to.be.closeTo(0.005, 1e-6);
  });

  it('adds noise of z √(Σ C_l²) ÷ batchSize on every layer', async () => {
    const rule = { clipNorm: 0.7, noiseMultiplier: 1.3, clipping };
    const draws: number[] = [];
    for (const seed of range(1, 9)) draws.push(...(await clientStep({ rule, indices: [], seed, cut: 5 })).move);
    expect(spreadOf(draws)).to.be.closeTo((1.3 * 0.7) / 8, ((1.3 * 0.7) / 8) * tolerance(draws));
  });
});

describe('adaptive clipping', () => {
  const exact = { ...adaptive, learningRate: 2, countStd: 1e-9 };

  it('clips to the norm of earlier steps, whatever this step’s gradients are', async () => {
    for (const clipNorm of [0.01, 0.02]) {
      const { move, clipNorm: next } = await clientStep({ rule: silent(0.05, exact), clipNorm, indices: [4] });
      expect(normOf(move)).to.be.closeTo(clipNorm / 8, 1e-6);
      // No norm of one is below: b̃ = ½ − ½/8, and C grows.
      expect(next).to.be.closeTo(clipNorm * Math.exp(-2 * (0.5 - 0.5 / 8 - 0.5)), 1e-6);
    }
  });

  it('counts the norms below C over all microbatches of the lot', async () => {
    for (const microbatch of [3, 50]) {
      const rule = { ...silent(1, exact), microbatch };
      const above = await clientStep({ rule, clipNorm: 1e-3, indices: range(0, 8) });
      const below = await clientStep({ rule, clipNorm: 1e3, indices: range(0, 8) });
      expect(above.clipNorm).to.be.closeTo(1e-3 * Math.exp(1), 1e-8); // b̃ = 0
      expect(below.clipNorm).to.be.closeTo(1e3 * Math.exp(-1), 1e-3); // b̃ = 1
    }
  });

  it('moves C by noise of standard deviation η σ_b ÷ batchSize, after an empty lot too', async () => {
    const moves: number[] = [];
    const rule = silent(1, { ...adaptive, countStd: 1.7 });
    for (const seed of range(1, 201)) {
      const { clipNorm } = await clientStep({ rule, indices: [], seed });
      moves.push(Math.log(clipNorm as number));
    }
    const expected = (0.2 * 1.7) / 8;
    expect(spreadOf(moves)).to.be.closeTo(expected, expected * tolerance(moves));
  });

  it('adds noise to the gradient in proportion to this step’s C', async () => {
    const draws: number[] = [];
    const rule = { clipNorm: 1, noiseMultiplier: 1.3, clipping: adaptive };
    for (const seed of range(1, 41)) draws.push(...(await clientStep({ rule, clipNorm: 0.2, indices: [], seed })).move);
    const expected = (adaptiveGradientNoise({ noiseMultiplier: 1.3, countStd: 0.8 }) * 0.2) / 8;
    expect(spreadOf(draws)).to.be.closeTo(expected, expected * tolerance(draws));
  });

  it('finds the median of the norms from far above and far below', async () => {
    const found = await Promise.all(
      [0.02, 50].map(async (clipNorm) => {
        const clipping = { ...adaptive, learningRate: 0.5 };
        const gradientRule = { clipNorm, noiseMultiplier: 0.01, clipping };
        const config = { rounds: 12, optimizer: { name: 'sgd', learningRate: 1e-4, state: 'reset' } } as const;
        const { rounds } = await runSmall({ trainer: 'centralized', shares: [60], gradientRule, config });
        return rounds.at(-1)?.clipNorms[0] as number;
      }),
    );
    const [fromBelow, fromAbove] = found as [number, number];
    expect(fromAbove / fromBelow).to.be.within(0.7, 1.4); // they started 2500 times apart
    expect(fromBelow).to.be.within(0.1, 10);
  });

  it('has a C of its own for each client, which goes on from round to round', async () => {
    const gradientRule = { clipNorm: 0.02, noiseMultiplier: 0.5, clipping: adaptive };
    const { rounds } = await runSmall({ trainer: 'federated', gradientRule, config: { rounds: 2 } });
    const [first, second] = rounds.map(({ clipNorms }) => clipNorms) as [number[], number[]];
    expect(new Set([...first, ...second]).size).to.equal(6);
    expect(Math.min(...first)).to.be.above(0.02);
    for (const [k, clipNorm] of second.entries()) expect(clipNorm).to.be.above(first[k] as number);
  });

  it('gives the same numbers in one graph and with the messages sent', async () => {
    const gradientRule = { clipNorm: 0.1, noiseMultiplier: 0.5, clipping: adaptive };
    const both = await Promise.all(
      (['fused', 'messages'] as const).map((mode) =>
        runSmall({ trainer: 'splitfed-v1', gradientRule, mode, config: { rounds: 2 } }),
      ),
    );
    const [fused, sent] = both.map(({ rounds }) => rounds.at(-1)?.clipNorms as number[]) as [number[], number[]];
    for (const [k, clipNorm] of fused.entries()) expect(sent[k]).to.be.closeTo(clipNorm, 1e-9);
  });
});
