import { expect } from 'chai';
import { adaptiveGradientNoise, centredCount, nextClipNorm, noisyShareBelow } from './adaptive-clipping.ts';

// Rows of shared/reference/dpsgd.csv.
describe('adaptive clipping', () => {
  for (const { noiseMultiplier, countStd, expected } of [
    { noiseMultiplier: 1, countStd: 3.2, expected: 1.01243519547 },
    { noiseMultiplier: 0.5, countStd: 5, expected: 0.500626174322 },
  ]) {
    it(`adds ${expected} · C to the gradient where ${noiseMultiplier} is accounted`, () => {
      expect(adaptiveGradientNoise({ noiseMultiplier, countStd })).to.be.closeTo(expected, 1e-11);
    });
  }

  it('spends exactly z on gradient and count together', () => {
    const [noiseMultiplier, countStd] = [1.3, 0.9];
    const gradient = adaptiveGradientNoise({ noiseMultiplier, countStd });
    expect((gradient ** -2 + (2 * countStd) ** -2) ** -0.5).to.be.closeTo(noiseMultiplier, 1e-12);
    expect(gradient).to.be.above(noiseMultiplier);
  });

  it('refuses a count that would spend all of the noise', () => {
    for (const countStd of [0.65, 0.5]) {
      expect(() => adaptiveGradientNoise({ noiseMultiplier: 1.3, countStd })).to.throw(
        RangeError,
        /noiseMultiplier must be below 2 · countStd/,
      );
    }
    expect(() => adaptiveGradientNoise({ noiseMultiplier: 1, countStd: 0 })).to.throw(RangeError, 'countStd');
    expect(adaptiveGradientNoise({ noiseMultiplier: 0, countStd: 1 })).to.equal(0);
  });

  for (const [share, expected] of [
    [0.9, 0.923116346387],
    [0.5, 1],
    [0.1, 1.08328706767],
    [1, 0.904837418036],
  ] as const) {
    it(`goes from C = 1 to ${expected} where the noisy share below it is ${share}`, () => {
      expect(nextClipNorm(1, share, { learningRate: 0.2, quantile: 0.5 })).to.be.closeTo(expected, 1e-11);
      expect(nextClipNorm(3, share, { learningRate: 0.2, quantile: 0.5 })).to.be.closeTo(3 * expected, 1e-10);
    });
  }

  it('releases the share below C, of the public number of examples', () => {
    const count = centredCount({ below: 6, examples: 8 });
    expect(noisyShareBelow(count, 8)).to.equal(0.75);
    expect(noisyShareBelow(count + 2, 10)).to.be.closeTo(0.9, 1e-12);
    // An empty lot says nothing but its noise: C stays where it is on average.
    expect(noisyShareBelow(centredCount({ below: 0, examples: 0 }), 10)).to.equal(0.5);
  });

  it('moves by half for one record more or less', () => {
    const share = (below: number, examples: number) => noisyShareBelow(centredCount({ below, examples }), 1);
    expect(share(3, 4) - share(2, 3)).to.equal(0.5);
    expect(share(2, 4) - share(2, 3)).to.equal(-0.5);
  });
});
