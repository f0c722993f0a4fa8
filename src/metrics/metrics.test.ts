import { expect } from 'chai';
import fc from 'fast-check';
import { seededRng } from '../arrays/rng.ts';
import {
  areaUnderCurve,
  bestAssignment,
  biasCorrectedDistanceCorrelation,
  clipped,
  distanceCorrelation,
  labelAccuracy,
  majorityLabel,
  meanSquaredError,
  psnr,
  ssim,
  truePositiveRateAt,
} from './index.ts';

const flat = (value: number, size = 784) => new Float32Array(size).fill(value);
const gray = [28, 28, 1] as const;

describe('reconstruction metrics', () => {
  it('PSNR of a mean squared error of 0.01 is 20 dB, and 60 at most', () => {
    expect(meanSquaredError(flat(0.5), flat(0.6))).to.be.closeTo(0.01, 1e-7);
    expect(psnr(flat(0.5), flat(0.6))).to.be.closeTo(20, 1e-5);
    expect(psnr(flat(0.5), flat(0.5))).to.equal(60);
  });

  it('SSIM of a picture with itself is 1, with its negative below 0', () => {
    const picture = seededRng(1).uniform(784);
    expect(ssim(picture, picture, gray)).to.be.closeTo(1, 1e-12);
    expect(
      ssim(
        picture,
        picture.map((v) => 1 - v),
        gray,
      ),
    ).to.be.below(0);
  });

  it('SSIM of two flat pictures has only its luminance term', () => {
    const [a, b, c1] = [0.2, 0.6, 1e-4]; // (2ab + c₁) ÷ (a² + b² + c₁)
    expect(ssim(flat(a), flat(b), gray)).to.be.closeTo((2 * a * b + c1) / (a * a + b * b + c1), 1e-6);
  });

  it('SSIM agrees with scikit-image 0.26 (gaussian_weights, sigma 1.5, data_range 1, valid region)', () => {
    const wave = (phase: number) => Float32Array.from({ length: 784 }, (_, i) => 0.5 + 0.5 * Math.sin(i / 7 + phase));
    expect(ssim(wave(0), wave(0.5), gray)).to.be.closeTo(0.8779328747767974, 1e-5);
  });

  it('SSIM takes colours, and pictures smaller than its window', () => {
    const picture = seededRng(2).uniform(6 * 5 * 3);
    expect(ssim(picture, picture, [6, 5, 3])).to.be.closeTo(1, 1e-12);
    expect(
      ssim(
        picture,
        picture.map((v) => v / 2),
        [6, 5, 3],
      ),
    ).to.be.below(0.95);
  });

  it('clips to [0, 1]', () => {
    expect([...clipped(Float32Array.of(-1, 0.5, 2))]).to.deep.equal([0, 0.5, 1]);
  });
});

describe('bestAssignment', () => {
  const permutations = (items: readonly number[]): number[][] =>
    items.length === 0
      ? [[]]
      : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
  const costOf = (cost: readonly (readonly number[])[], order: readonly number[]) =>
    order.reduce((sum, column, row) => sum + (cost[row]?.[column] as number), 0);

  it('costs no more than any of all permutations', () => {
    const matrix = fc.integer({ min: 1, max: 5 }).chain((n) =>
      fc.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(matrix, (cost) => {
        const found = bestAssignment(cost);
        const all = permutations(cost.map((_, i) => i));
        expect([...found].sort()).to.deep.equal(cost.map((_, i) => i));
        expect(costOf(cost, found)).to.equal(Math.min(...all.map((order) => costOf(cost, order))));
      }),
    );
  });
});

describe('distance correlation', () => {
  const observations = (count: number, values: readonly number[] | Float32Array) => ({
    count,
    data: Float32Array.from(values),
  });

  it('of a variable with itself is 1, and does not depend on scale', () => {
    const x = observations(20, seededRng(1).normal(60));
    const scaled = observations(
      20,
      x.data.map((v) => 3 * v + 1),
    );
    expect(distanceCorrelation(x, x)).to.be.closeTo(1, 1e-9);
    expect(distanceCorrelation(x, scaled)).to.be.closeTo(1, 1e-6);
    expect(biasCorrectedDistanceCorrelation(x, x)).to.be.closeTo(1, 1e-9);
  });

  it('of 0, 1, 2, 3 with their squares is 0.968464', () => {
    expect(distanceCorrelation(observations(4, [0, 1, 2, 3]), observations(4, [0, 1, 4, 9]))).to.be.closeTo(
      0.968464,
      1e-6,
    );
  });

  it('of 64 independent pictures of many pixels is near 1 uncorrected, and near 0 corrected', () => {
    const rng = seededRng(3);
    const x = observations(64, rng.normal(64 * 784));
    const y = observations(64, rng.normal(64 * 128));
    expect(distanceCorrelation(x, y)).to.be.within(0.94, 0.99);
    expect(Math.abs(biasCorrectedDistanceCorrelation(x, y))).to.be.below(0.1); // its standard deviation there is 0.023
  });

  it('refuses fewer than 4 observations', () => {
    const x = observations(3, [1, 2, 3]);
    expect(() => biasCorrectedDistanceCorrelation(x, x)).to.throw(RangeError, /at least 4/);
  });
});

describe('inference metrics', () => {
  it('count right labels, and the most frequent', () => {
    expect(labelAccuracy([1, 2, 3, 3], [1, 2, 0, 3])).to.equal(0.75);
    expect(majorityLabel([2, 1, 1, 2, 0])).to.equal(1);
    expect(() => labelAccuracy([1], [1, 2])).to.throw(RangeError, /1 for 2/);
  });

  it('AUC and TPR on hand data', () => {
    expect(areaUnderCurve([3, 2], [1, 2])).to.equal((1 + 1 + 1 + 0.5) / 4);
    const negatives = Array.from({ length: 100 }, (_, i) => i);
    expect(truePositiveRateAt(0.01, [98, 98.5, 99, 100], negatives)).to.equal(0.75); // above 98, which one negative exceeds
    expect(truePositiveRateAt(0, [99, 100], negatives)).to.equal(0.5);
  });
});
