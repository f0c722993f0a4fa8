/** Certificates against PixelDP's own code and scipy, and against each other. */

import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import { proportionAtLeast, proportionAtMost } from '../audit/clopper-pearson.ts';
import { gaussianDelta, gaussianEpsilon } from '../gaussian/analytic.ts';
import { type FigureRow, figureRows } from '../testing/figure-rows.ts';
import { certifiedAccuracy, certify } from './certify.ts';
import { argmaxBounds, simultaneousBounds } from './class-bounds.ts';
import { gaussianClassicRadius, gaussianProfileRadius, gaussianTightRadius, laplaceTightRadius } from './radius.ts';
import { bernsteinHalfWidth, hoeffdingHalfWidth, scoreBounds } from './score-bounds.ts';

const SIGMA = 0.1 * Math.sqrt(2 * Math.log(25)); // classic calibration at ε = 1, δ = 0.05, L = 0.1, Δ = 1: 0.25373

const countsOf = ({ input }: FigureRow) => [input('a'), input('b'), input('c')];
const boundsOf = (row: FigureRow) => simultaneousBounds(countsOf(row), row.input('each'));
const significanceOf = ({ input }: FigureRow) => input('alpha') / input('K');

function agrees(quantity: string, actual: (row: FigureRow) => number, tolerance = 1e-10): void {
  for (const row of figureRows('certification.csv', quantity)) {
    it(`${quantity} of ${row.label}`, () =>
      expect(actual(row)).to.be.closeTo(row.value, tolerance * Math.max(1, row.value)));
  }
}

describe('certificates agree with other tools:', () => {
  agrees('proportion-low', (row) =>
    proportionAtLeast({ successes: row.input('k'), trials: row.input('n') }, significanceOf(row)),
  );
  agrees('proportion-high', (row) =>
    proportionAtMost({ successes: row.input('k'), trials: row.input('n') }, significanceOf(row)),
  );
  agrees('hoeffding', (row) => hoeffdingHalfWidth(row.input('n'), significanceOf(row)));
  agrees('bernstein', (row) => {
    const [n, sum] = [row.input('n'), row.input('sum')];
    const variance = (row.input('squares') - (sum * sum) / n) / (n - 1);
    return bernsteinHalfWidth(n, variance, significanceOf(row));
  });
  agrees('top-at-least', (row) => boundsOf(row).topAtLeast);
  agrees('others-at-most', (row) => boundsOf(row).othersAtMost);
  agrees('laplace', (row) => certify(boundsOf(row), { noise: 'laplace', scale: 0.1, sensitivity: 1 }).radii.pixeldp);
  agrees('gaussian-profile', (row) => gaussianProfileRadius(boundsOf(row), SIGMA), 1e-8);
  agrees('gaussian-tight', (row) => gaussianTightRadius(boundsOf(row), SIGMA));
  // PixelDP searches a grid: ours is the maximum, at most 1 % above.
  for (const row of figureRows('certification.csv', 'gaussian-classic-grid')) {
    it(`the classic radius of ${row.label} is PixelDP's, or a little more`, () =>
      expect(gaussianClassicRadius(boundsOf(row), SIGMA)).to.be.within(row.value * (1 - 1e-9), row.value * 1.01));
  }
  // What the same noise says about privacy at the distance D over T releases.
  agrees('metric-privacy', ({ input }) =>
    gaussianEpsilon((input('D') * Math.sqrt(input('T'))) / input('sigma'), input('delta')),
  );
  agrees('actual-delta', ({ input }) => gaussianDelta(input('D') / input('sigma'), 1));
});

describe('certify', () => {
  const gaussian = { noise: 'gaussian', scale: 2 * SIGMA, sensitivity: 2 } as const;

  it('gives .1353 (classic), .3210 (PixelDP’s condition), .4880 (tight) for 1950, 30, 20: by σ/Δ alone', () => {
    const { radii, radius, norm } = certify(simultaneousBounds([1950, 30, 20], 0.05 / 3), gaussian);
    expect(radii.classic).to.be.closeTo(0.1353, 1e-3);
    expect(radii.pixeldp).to.be.closeTo(0.321, 1e-4);
    expect(radii.tight).to.be.closeTo(0.488, 1e-4);
    expect({ radius, norm }).to.deep.equal({ radius: radii.tight, norm: 'l2' });
  });

  it('orders classic ≤ PixelDP ≤ tight, and abstains where the classes cannot be told apart', () => {
    for (const counts of [
      [900, 60, 40],
      [600, 300, 100],
      [10_000, 0],
      [520, 480],
    ]) {
      const { radii, abstains } = certify(argmaxBounds({ counts, eta: 0.01 }), gaussian);
      expect(radii.pixeldp).to.be.at.least(radii.classic ?? 0);
      expect(radii.tight).to.be.at.least(radii.pixeldp);
      expect(abstains).to.equal(counts[0] === 520);
      expect(radii.tight > 0).to.equal(!abstains);
    }
  });

  it('keeps the promise of the tight radius at its edge: there the worst classifier is undecided, not before', () => {
    // The worst classifier for Gaussian noise is a half-space: moved by r, its probability is Φ(Φ⁻¹(p) − r/σ).
    const margin = { topAtLeast: 0.8, othersAtMost: 0.2 };
    const radius = gaussianTightRadius(margin, 1);
    expect(radius).to.be.closeTo(0.8416212335729143, 1e-12); // Φ⁻¹(0.8): Φ(0) is left
    // Laplace: P[x + noise ≤ b ln 5/2…] falls from 0.8 to ½ when moved by b · ln(0.5/0.2).
    expect(laplaceTightRadius(margin, 1)).to.be.closeTo(Math.log(0.5 / 0.2), 1e-12);
  });

  it('refuses noise of scale 0 and a sensitivity of 0', () => {
    const bounds = argmaxBounds({ counts: [90, 10], eta: 0.05 });
    expect(() => certify(bounds, { ...gaussian, scale: 0 })).to.throw(RangeError, /scale.*without noise/);
    expect(() => certify(bounds, { ...gaussian, sensitivity: 0 })).to.throw(RangeError, /sensitivity/);
  });
});

describe('argmaxBounds', () => {
  it('spends η over both directions of every class, or on one bound where other draws chose', () => {
    const counts = [950, 30, 20];
    expect(argmaxBounds({ counts, eta: 0.06 })).to.deep.equal(simultaneousBounds(counts, 0.01));
    const { topAtLeast, othersAtMost } = argmaxBounds({ counts, eta: 0.06, selection: [9, 1, 0] });
    expect(topAtLeast).to.equal(proportionAtLeast({ successes: 950, trials: 1000 }, 0.06));
    expect(othersAtMost).to.be.closeTo(1 - topAtLeast, 1e-15);
  });

  it('certifies the class that the selection chose, even where the fresh draws prefer another', () => {
    const bounds = argmaxBounds({ counts: [100, 900], eta: 0.05, selection: [6, 4] });
    expect(bounds.predicted).to.equal(0);
    expect(bounds.topAtLeast).to.be.below(bounds.othersAtMost);
  });

  it('is wrong in at most a share η of repetitions', () => {
    const [eta, repetitions, truth] = [0.2, 400, [0.5, 0.3, 0.2]] as const;
    const most = eta * repetitions + 4 * Math.sqrt(eta * (1 - eta) * repetitions);
    let wrong = 0;
    for (let seed = 0; seed < repetitions; seed++) {
      const rng = seededRng(seed);
      const counts = [0, 0, 0];
      for (let draw = 0; draw < 60; draw++) {
        const u = rng.next();
        const index = u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
        counts[index] = (counts[index] ?? 0) + 1;
      }
      const { predicted, topAtLeast, othersAtMost } = argmaxBounds({ counts, eta });
      const others = truth.filter((_, index) => index !== predicted);
      if ((truth[predicted] ?? 0) < topAtLeast || Math.max(...others) > othersAtMost) wrong++;
    }
    expect(wrong).to.be.at.most(most);
  });

  it('refuses one class, fractions, and η of 0', () => {
    expect(() => argmaxBounds({ counts: [5], eta: 0.05 })).to.throw(RangeError, /at least 2 classes/);
    expect(() => argmaxBounds({ counts: [5, 0.5], eta: 0.05 })).to.throw(RangeError, /whole number/);
    expect(() => argmaxBounds({ counts: [5, 1], eta: 0 })).to.throw(RangeError, /eta must be above 0/);
  });
});

describe('scoreBounds', () => {
  it('takes the tighter of Hoeffding and Bernstein', () => {
    const each = 0.05 / 12;
    // Class 0: mean 0.9, hardly any variance, so Bernstein; class 1: variance ¼, so Hoeffding.
    const { topAtLeast } = scoreBounds({ draws: 2000, sums: [1800, 100, 100], squares: [1622, 50, 50], eta: 0.05 });
    const variance = (1622 - 2000 * 0.81) / 1999;
    expect(topAtLeast).to.be.closeTo(0.9 - bernsteinHalfWidth(2000, variance, each), 1e-12);
    const coin = scoreBounds({ draws: 50, sums: [30, 20], squares: [30, 20], eta: 0.05 });
    expect(coin.othersAtMost).to.be.closeTo(0.4 + hoeffdingHalfWidth(50, 0.05 / 8), 1e-12);
  });

  it('certifies about what PixelDP’s code does, with a radius that is no smaller', () => {
    const bounds = scoreBounds({ draws: 2000, sums: [1700, 200, 100], squares: [1500, 60, 20], eta: 0.05 });
    // Its figure of 0.0876 comes from the classic calibration and half as many bounds.
    expect(certify(bounds, { noise: 'gaussian', scale: SIGMA, sensitivity: 1 }).radii.pixeldp).to.be.above(0.0876);
  });

  it('refuses sums that no scores in [0, 1] have', () => {
    const draws = 10;
    expect(() => scoreBounds({ draws, sums: [11, 1], squares: [5, 1], eta: 0.05 })).to.throw(
      RangeError,
      /class 0 has 11/,
    );
    expect(() => scoreBounds({ draws, sums: [5, 5], squares: [6, 3], eta: 0.05 })).to.throw(
      RangeError,
      /class 0 has 5/,
    );
  });
});

describe('certifiedAccuracy', () => {
  it('counts right predictions that are certified as far as asked', () => {
    const noise = { noise: 'laplace', scale: 1, sensitivity: 1 } as const;
    const certificate = certify(argmaxBounds({ counts: [990, 10], eta: 0.05 }), noise);
    const undecided = certify(argmaxBounds({ counts: [51, 49], eta: 0.05 }), noise);
    const examples = [
      { certificate, label: 0 },
      { certificate, label: 1 },
      { certificate: undecided, label: 0 },
      { certificate, label: 0 },
    ];
    expect(certifiedAccuracy(examples, 0)).to.equal(0.5);
    expect(certifiedAccuracy(examples, certificate.radius)).to.equal(0.5);
    expect(certifiedAccuracy(examples, certificate.radius * 1.001)).to.equal(0);
  });
});
