/** The honest figures of a noise layer, against exact ones. */

import { expect } from 'chai';
import { figureRows } from '../../src/accounting/testing/figure-rows.ts';
import { epsilonAt, type NoiseClaim, readingOf } from './reading.ts';

/** PixelDP's own setting: ε = 1, δ = 0.05, L = 0.1, classic. */
const pixeldp: NoiseClaim = {
  noise: 'gaussian',
  epsilon: 1,
  delta: 0.05,
  distance: 0.1,
  inputNorm: 'l2',
  calibration: 'classic',
  sensitivity: 'normalized',
  multiplier: Math.sqrt(2 * Math.log(25)),
  pixels: 784,
  statedDelta: 1e-5,
};

describe('the reading of a noise layer', () => {
  for (const { label, input, value } of figureRows('certification.csv', 'metric-privacy')) {
    it(`ε at ${label}`, () =>
      expect(epsilonAt(pixeldp, input('D'), input('T'))).to.be.closeTo(value, 1e-9 * Math.max(1, value)));
  }

  it('says that PixelDP’s default is 1.53 at its distance, 23.9 at 1, thousands for any two images', () => {
    const text = readingOf(pixeldp).join('\n');
    expect(text).to.match(/ε = 1\.53 at distance 0\.1, 23\.9 at distance 1, 6559 for any two images/);
    expect(text).not.to.match(/over the/);
    const trained = readingOf({ ...pixeldp, releases: 50 }).join('\n');
    expect(trained).to.match(
      /over 50 releases, one for each pass of the training \(lots of dp-sgd may .*\): 15\.17, 506\.3/,
    );
    expect(text).to.match(/at ε = 1 its δ is 0\.001141/);
    expect(text).to.match(/metric-DP/);
  });

  it('for Laplace noise multiplies by distance and releases', () => {
    const laplace: NoiseClaim = {
      ...pixeldp,
      noise: 'laplace',
      inputNorm: 'l1',
      multiplier: 0.5,
      epsilon: 2,
      statedDelta: 0,
    };
    expect(epsilonAt(laplace, 0.1, 1)).to.be.closeTo(2, 1e-12);
    expect(epsilonAt(laplace, 1, 50)).to.be.closeTo(1000, 1e-9);
    expect(readingOf(laplace).join('\n')).to.match(/15680/); // ε of any two: 2 · 784 ÷ 0.1
  });

  it('composes Laplace noise by the tightest accountant: 39.58 over 50 releases, not 50', () => {
    const laplace: NoiseClaim = {
      ...pixeldp,
      noise: 'laplace',
      inputNorm: 'l1',
      multiplier: 1,
      epsilon: 1,
      releases: 50,
    };
    expect(epsilonAt(laplace, 0.1, 50)).to.be.closeTo(39.58, 0.01);
    expect(readingOf(laplace).join('\n')).to.match(
      /over 50 releases, one for each pass of the training \(lots of dp-sgd may .*\): at most 39\.58, 488\.1 and/,
    );
    expect(epsilonAt({ ...laplace, statedDelta: 0 }, 0.1, 50)).to.be.closeTo(50, 1e-12);
    expect(epsilonAt(laplace, 0.1, 1)).to.be.closeTo(1 + 2 * Math.log1p(-1e-5), 1e-9);
  });

  it('measures any two images in the norm of the inputs: 784, 28 or 1 apart, whatever the noise', () => {
    const of = (claim: NoiseClaim) => readingOf(claim).join('\n');
    expect(of({ ...pixeldp, inputNorm: 'l1' })).to.match(
      /at L1 distance 0\.1 .*\n.* up to L1 distance 784 apart: 7840 times/,
    );
    expect(of({ ...pixeldp, inputNorm: 'linf' })).to.match(/up to L∞ distance 1 apart: 10 times/);
    expect(of({ ...pixeldp, inputNorm: 'linf' })).to.match(/23\.9 at distance 1, 23\.9 for any two images/);
    const laplace: NoiseClaim = { ...pixeldp, noise: 'laplace', inputNorm: 'l2', multiplier: 1, statedDelta: 0 };
    expect(of(laplace)).to.match(/at L2 distance 0\.1 .*\n.*\(L2 distance up to 28\) one release has ε = 280/);
  });

  it('gives no figures by distance where outputs are clipped, and none at all without noise', () => {
    expect(readingOf({ ...pixeldp, sensitivity: 'clip' }).join('\n'))
      .to.match(/any two inputs/)
      .and.not.match(/Exactly/);
    expect(readingOf({ ...pixeldp, epsilon: Number.POSITIVE_INFINITY }).join('\n')).to.match(/ε is ∞/);
  });
});
