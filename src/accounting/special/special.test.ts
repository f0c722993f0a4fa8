/** Special functions at hard points, against mpmath with 40 digits. */

import { expect } from 'chai';
import { erf, erfc, erfcx } from './erfc.ts';
import { lgamma, logChoose } from './gamma.ts';
import { log1mExp, logAdd, logSub, logSumExp } from './log-space.ts';
import { logNdtr, ndtr, ndtri, normalMass } from './normal.ts';

function expectRelative(actual: number, expected: number, tolerance = 8e-15): void {
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).to.be.at.most(Math.abs(expected) * tolerance);
}

describe('erfc and erfcx', () => {
  const known = [
    [-3, 1.9999779095030015, 16205.988853999586],
    [0, 1, 1],
    [0.4, 0.5716076449533315, 0.6707877852947615],
    [0.5, 0.4795001221869535, 0.6156903441929259],
    [1, 0.15729920705028513, 0.427583576155807],
    [3.9, 3.479224859723177e-8, 0.14031418160068973],
    [4.1, 6.700027654084918e-9, 0.133834116418652],
  ] as const;
  for (const [x, complement, scaled] of known) {
    it(`agree with mpmath at ${x}`, () => {
      expectRelative(erfc(x), complement);
      expectRelative(erfcx(x), scaled);
    });
  }

  it('keep the far tail', () => {
    expectRelative(erfcx(30), 0.01879588886141675);
    expectRelative(erfcx(1e5), 5.641895835195468e-6);
    expect(erfc(40)).to.equal(0);
  });

  it('are odd where they should be', () => {
    for (const x of [0.1, 0.46875, 0.7, 5]) expect(erf(-x)).to.equal(-erf(x));
  });
});

describe('the normal distribution', () => {
  const logs = [
    [-40, -804.6084420137538],
    [-5, -15.064998393988725],
    [-1, -1.8410216450092636],
    [-1.0001, -1.8411741625414106],
    [0.3, -0.4814101615884812],
    [3, -0.0013508099647481938],
    [8, -6.220960574271786e-16],
  ] as const;
  for (const [z, expected] of logs) it(`logNdtr(${z})`, () => expectRelative(logNdtr(z), expected));

  const quantiles = [
    [1e-300, -37.0470962993612],
    [1e-20, -9.26234008979841],
    [1e-5, -4.264890793922825],
    [0.02, -2.053748910631823],
    [0.3, -0.5244005127080408],
    [0.9, 1.2815515655446006],
    [0.999, 3.0902323061678136],
  ] as const;
  for (const [p, expected] of quantiles) it(`ndtri(${p})`, () => expectRelative(ndtri(p), expected));

  it('inverts at the ends', () => {
    expect(ndtri(0)).to.equal(Number.NEGATIVE_INFINITY);
    expect(ndtri(1)).to.equal(Number.POSITIVE_INFINITY);
    expect(ndtri(0.5)).to.equal(0);
    expect(ndtri(-1)).to.be.NaN;
  });

  it('gives the mass between two far points without cancelling', () => {
    expectRelative(normalMass(8, 9), ndtr(-8) - ndtr(-9));
    expectRelative(normalMass(-9, -8), normalMass(8, 9));
    expect(normalMass(8, 9)).to.be.above(6e-16);
  });
});

describe('lgamma', () => {
  const known = [
    [1e-10, 23.025850929882736],
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [3.7, 1.4280723266653879],
    [10, 12.80182748008147],
    [171.5, 709.1431630309282],
    [1e6, 12815504.569147611],
  ] as const;
  for (const [x, expected] of known)
    it(`at ${x}`, () => expect(lgamma(x)).to.be.closeTo(expected, 4e-15 * Math.max(1, expected)));

  it('gives binomial coefficients', () => {
    expectRelative(Math.exp(logChoose(10, 3)), 120, 1e-13);
    expect(logChoose(7, 0)).to.equal(0);
    expect(logChoose(7, 7)).to.equal(0);
  });
});

describe('sums of logarithms', () => {
  it('do not underflow', () => {
    expect(logAdd(-1000, -1000)).to.be.closeTo(-1000 + Math.LN2, 1e-12);
    expect(logAdd(Number.NEGATIVE_INFINITY, -3)).to.equal(-3);
    expect(logSub(-1000, -1001)).to.be.closeTo(-1000 + Math.log1p(-Math.exp(-1)), 1e-12);
    expect(logSub(1, 2)).to.equal(Number.NEGATIVE_INFINITY);
    expect(log1mExp(-1e-20)).to.be.closeTo(Math.log(1e-20), 1e-12);
    expect(logSumExp([-2000, -2000, -2000, -2000])).to.be.closeTo(-2000 + Math.log(4), 1e-12);
    expect(logSumExp([])).to.equal(Number.NEGATIVE_INFINITY);
  });
});
