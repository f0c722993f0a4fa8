import { expect } from 'chai';
import fc from 'fast-check';
import { gaussianDelta } from './gaussian/analytic.ts';
import { jointEpsilon, jointNoise } from './joint.ts';

const run = { passes: 4, activationMultiplier: 2, gradientMultiplier: 4, labelEpsilon: 1.5, delta: 1e-5 };

describe('jointEpsilon', () => {
  it('is that of one Gaussian with μ² = T (z_a⁻² + z_g⁻²), and the label’s on top', () => {
    const epsilon = jointEpsilon(run);
    const mu = Math.sqrt(4 * (1 / 4 + 1 / 16)); // 1.118; with T forgotten 0.559, with μ added instead of squared 3
    expect(gaussianDelta(mu, epsilon - 1.5)).to.be.closeTo(1e-5, 1e-14);
  });

  it('is the label’s alone before the first pass, and infinite without noise', () => {
    expect(jointEpsilon({ ...run, passes: 0 })).to.equal(1.5);
    expect(jointEpsilon({ ...run, activationMultiplier: 0 })).to.equal(Number.POSITIVE_INFINITY);
    expect(jointEpsilon({ ...run, gradientMultiplier: 0 })).to.equal(Number.POSITIVE_INFINITY);
  });

  it('grows with passes, and falls with either noise', () => {
    const base = jointEpsilon(run);
    expect(jointEpsilon({ ...run, passes: 5 })).to.be.above(base);
    expect(jointEpsilon({ ...run, activationMultiplier: 2.1 })).to.be.below(base);
    expect(jointEpsilon({ ...run, gradientMultiplier: 4.1 })).to.be.below(base);
  });
});

describe('jointNoise', () => {
  it('meets its target, never exceeds it, and wastes nothing', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        number(0.5, 500),
        number(0.01, 5),
        number(0.01, 0.99),
        fc.integer({ min: 1, max: 200 }),
        (above, labelEpsilon, gradientShare, passes) => {
          const epsilon = labelEpsilon + above;
          const noise = jointNoise({ epsilon, delta: 1e-5, passes, labelEpsilon, gradientShare });
          const reached = jointEpsilon({ ...noise, passes, labelEpsilon, delta: 1e-5 });
          expect(reached).to.be.at.most(epsilon);
          expect(reached).to.be.above(epsilon * (1 - 1e-8));
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  it('refuses a target that the labels spend alone', () => {
    expect(() => jointNoise({ epsilon: 2, delta: 1e-5, passes: 3, labelEpsilon: 2, gradientShare: 0.5 })).to.throw(
      RangeError,
      /epsilon must be above labelEpsilon/,
    );
  });
});
