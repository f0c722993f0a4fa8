/** Rényi DP against mpmath, other libraries' tables, closed forms and limits. */

import { expect } from 'chai';
import fc from 'fast-check';
import { epsilonOf, rdpOf } from '../epsilon-of.ts';
import { composed, dpSgdEvent, flattenEvent, gaussianEvent, laplaceEvent, repeated } from '../events.ts';
import { eventOf, exactRows, gaussianRows, orderRows, type ReferenceRow } from '../testing/reference.ts';
import { laplaceRdp } from './laplace.ts';
import { rdpEpsilon } from './rdp.ts';
import { subsampledGaussianLogMoment } from './subsampled-gaussian.ts';

function relative(actual: number, expected: number): number {
  return Math.abs(actual / expected - 1);
}

function rdpUpper(row: ReferenceRow, orders?: 'dp_accounting' | 'opacus'): number {
  return rdpEpsilon(flattenEvent(eventOf(row)), row.delta, orders === undefined ? {} : { orders }).epsilon;
}

/** A − 1 by the binomial sum, for whole orders: the slow oracle. */
function wholeOrderRdp(q: number, std: number, order: number): number {
  let [sum, choose] = [0, 1];
  for (let i = 0; i <= order; i++) {
    sum += choose * q ** i * (1 - q) ** (order - i) * Math.expm1((i * i - i) / (2 * std * std));
    choose *= (order - i) / (i + 1);
  }
  return Math.log1p(sum) / (order - 1);
}

describe('RDP of the subsampled Gaussian', () => {
  it('agrees with the table of single orders to its 13 digits', () => {
    const rows = orderRows();
    expect(rows).to.have.length(123);
    for (const { q, sigma, order, rdp } of rows) {
      const event = dpSgdEvent({ samplingRate: q, noiseMultiplier: sigma, steps: 1 });
      expect(relative(rdpOf(event, order), rdp), `q ${q}, σ ${sigma}, α ${order}`).to.be.below(1e-12);
    }
  });

  const mpmath = [
    [0.03, 0.7, 2.37, 0.008175695739197443],
    [0.003, 1.9, 14.25, 2.073680072750774e-5],
    [0.6, 0.9, 1.05, 0.25647987728712535],
    [1e-6, 0.8, 3.3, 6.221778583281144e-12],
    [0.2, 40, 300.5, 0.003873949852054499],
    [0.02, 0.25, 1.2, 0.20052545493450702],
  ] as const;
  for (const [q, std, order, expected] of mpmath) {
    it(`agrees with 40-digit quadrature at q ${q}, σ ${std}, α ${order}`, () => {
      expect(
        relative(subsampledGaussianLogMoment({ samplingRate: q, noiseMultiplier: std }, order) / (order - 1), expected),
      ).to.be.below(2e-14);
    });
  }

  it('agrees with the binomial sum at whole orders', () => {
    const rate = fc.double({ min: 1e-4, max: 0.99, noNaN: true });
    const noise = fc.double({ min: 0.8, max: 20, noNaN: true });
    fc.assert(
      fc.property(rate, noise, fc.integer({ min: 2, max: 12 }), (q, std, order) => {
        const ours = subsampledGaussianLogMoment({ samplingRate: q, noiseMultiplier: std }, order) / (order - 1);
        return relative(ours, wholeOrderRdp(q, std, order)) < 1e-11;
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it('is that of two Gaussians far apart at little noise, at every order', () => {
    // r is 1 − q where N(0, σ²) has its mass, and q e^u where N(α, σ²) has it, which r^α makes of it
    for (const std of [0.001, 0.02, 0.03, 0.035]) {
      for (const q of [1e-6, 0.01, 0.5, 0.99]) {
        for (const order of [1.001, 1.3, 2, 7.5, 300.25]) {
          const unsampled = order * Math.log1p(-q);
          const sampled = order * Math.log(q) + (order * (order - 1)) / (2 * std * std);
          const top = Math.max(unsampled, sampled);
          const exact = top + Math.log(Math.exp(unsampled - top) + Math.exp(sampled - top));
          const ours = subsampledGaussianLogMoment({ samplingRate: q, noiseMultiplier: std }, order);
          expect(relative(ours, exact), `${std} ${q} ${order}`).to.be.below(1e-9);
        }
      }
    }
  });

  it('tends to the plain Gaussian α/2σ² as the rate tends to 1, and to 0 with the rate', () => {
    expect(rdpOf(gaussianEvent(3), 7)).to.be.closeTo(7 / 18, 1e-15);
    expect(subsampledGaussianLogMoment({ samplingRate: 1 - 1e-12, noiseMultiplier: 3 }, 7) / 6).to.be.closeTo(
      7 / 18,
      1e-10,
    );
    expect(rdpOf(dpSgdEvent({ samplingRate: 0, noiseMultiplier: 3, steps: 5 }), 7)).to.equal(0);
    expect(rdpOf(dpSgdEvent({ samplingRate: 0.1, noiseMultiplier: 0, steps: 5 }), 7)).to.equal(
      Number.POSITIVE_INFINITY,
    );
    expect(rdpOf(gaussianEvent(3), Number.POSITIVE_INFINITY)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('refuses orders up to 1', () => {
    expect(() => rdpOf(gaussianEvent(1), 1)).to.throw(RangeError, 'order must be above 1, but is 1');
  });
});

describe('RDP of Laplace noise', () => {
  it('is Mironov’s formula, also near order 1 and at ∞', () => {
    const direct = (e: number, a: number) =>
      Math.log((a / (2 * a - 1)) * Math.exp((a - 1) * e) + ((a - 1) / (2 * a - 1)) * Math.exp(-a * e)) / (a - 1);
    for (const [noise, order] of [
      [1, 2],
      [0.5, 7.5],
      [3, 1.3],
      [2, 30],
    ] as const) {
      expect(relative(laplaceRdp(noise, order), direct(1 / noise, order))).to.be.below(1e-12);
    }
    expect(laplaceRdp(1, 1 + 1e-9)).to.be.closeTo(Math.exp(-1), 1e-8);
    expect(laplaceRdp(1, 1 + 0.99e-4)).to.be.closeTo(laplaceRdp(1, 1 + 1.01e-4), 1e-6);
    expect(laplaceRdp(4, Number.POSITIVE_INFINITY)).to.equal(0.25);
    expect(laplaceRdp(0.001, 500)).to.be.closeTo(1000, 0.01); // e^(500·1000) would overflow
  });
});

describe('ε by Rényi DP', () => {
  it('equals dp_accounting on its grid, or is less where its series is too high', () => {
    const rows = gaussianRows('RDP').filter((row) => row.tool === 'dp_accounting' && row.note.startsWith('default'));
    expect(rows).to.have.length(31);
    for (const row of rows) {
      const order = Number(row.note.split('order=')[1]);
      expect(rdpUpper(row, 'dp_accounting'), row.id).to.be.at.most(row.value * (1 + 2e-9));
      const { epsilon, optimalOrder } = rdpEpsilon(flattenEvent(eventOf(row)), row.delta, { orders: 'dp_accounting' });
      const sameOrder = Number.isInteger(order) && optimalOrder === order; // whole orders have no alternating series
      if (sameOrder) expect(relative(epsilon, row.value), row.id).to.be.below(2e-9);
    }
  });

  it('equals Opacus on its grid, or exceeds it where its series cancels', () => {
    const rows = gaussianRows('RDP').filter((row) => row.tool === 'opacus');
    expect(rows).to.have.length(31);
    for (const row of rows) expect(relative(rdpUpper(row, 'opacus'), row.value), row.id).to.be.below(2e-7);
  });

  it('is, over all orders, at most the figure of every table', () => {
    for (const row of gaussianRows('RDP')) expect(rdpUpper(row), row.id).to.be.at.most(row.value * (1 + 1e-9));
  });

  it('is never below the exact value', () => {
    const rows = exactRows();
    expect(rows.length).to.be.above(25);
    for (const row of rows) expect(rdpUpper(row), row.id).to.be.at.least(row.value);
  });

  const anchors = [
    [0.0025, 1.3, 6000, 1e-5, 'improved', 0.7242234026],
    [0.0025, 1.3, 6000, 1e-5, 'classic', 0.9418705672],
    [0.001, 1, 30_000, 1e-7, 'improved', 1.4154988495],
    [0.001, 1, 30_000, 1e-7, 'classic', 1.709287337],
    [0.04, 1.5, 2250, 1e-5, 'improved', 7.32911117],
    [0.01, 4, 10_000, 1e-5, 'classic', 1.2586],
    [0.01, 4.1309, 10_000, 1e-5, 'improved', 0.9986],
  ] as const;
  for (const [samplingRate, noiseMultiplier, steps, delta, conversion, expected] of anchors) {
    it(`reproduces the published ${expected} (${conversion})`, () => {
      const flat = flattenEvent(dpSgdEvent({ samplingRate, noiseMultiplier, steps }));
      const { epsilon } = rdpEpsilon(flat, delta, { conversion, orders: 'dp_accounting' });
      expect(epsilon).to.be.closeTo(expected, expected > 7 ? 2e-6 : 1e-4);
      if (String(expected).length > 8 && expected < 7) expect(epsilon).to.be.closeTo(expected, 1e-9);
    });
  }

  it('names the order that gives the bound', () => {
    const flat = flattenEvent(dpSgdEvent({ samplingRate: 0.0025, noiseMultiplier: 1.3, steps: 6000 }));
    expect(rdpEpsilon(flat, 1e-5, { orders: 'dp_accounting' }).optimalOrder).to.equal(19);
    expect(rdpEpsilon(flat, 1e-5).optimalOrder).to.be.closeTo(19, 0.2);
    expect(rdpEpsilon(flat, 1e-5, { orders: [3] }).optimalOrder).to.equal(3);
  });

  it('refuses an empty list of orders', () => {
    expect(() => epsilonOf(gaussianEvent(1), 1e-5, { accountant: 'rdp', orders: [] })).to.throw(RangeError, 'orders');
  });

  it('takes the pure bound where it is better: one Laplace release', () => {
    expect(epsilonOf(laplaceEvent(2), 1e-12, { accountant: 'rdp' }).upper).to.be.at.most(0.5);
    expect(epsilonOf(repeated(laplaceEvent(2), 10), 0, { accountant: 'rdp' }).upper).to.be.closeTo(5, 1e-12);
  });

  it('equals dp_accounting for Laplace noise, up to the grid and the pure bound', () => {
    const upper = (b: number, count: number, delta: number) =>
      epsilonOf(repeated(laplaceEvent(b), count), delta, { accountant: 'rdp' }).upper ?? Number.NaN;
    expect(upper(2, 10, 1e-5)).to.be.within(4.9899623, 4.99033447914);
    expect(upper(100, 1e6, 1e-6)).to.be.within(100.43, 100.471172347);
    expect(upper(0.5, 5, 1e-5)).to.be.within(9.99967, 10);
  });

  it('adds what is composed', () => {
    const both = composed([
      { event: gaussianEvent(4), count: 2 },
      { event: laplaceEvent(3), count: 5 },
    ]);
    expect(rdpOf(both, 6)).to.be.closeTo(2 * rdpOf(gaussianEvent(4), 6) + 5 * rdpOf(laplaceEvent(3), 6), 1e-14);
  });

  it('tells a step more, a squared deviation and a forgotten δ apart', () => {
    const upper = (std: number, steps: number, delta: number) =>
      epsilonOf(dpSgdEvent({ samplingRate: 0.01, noiseMultiplier: std, steps }), delta, { accountant: 'rdp' }).upper ??
      Number.NaN;
    const truth = upper(1.5, 100, 1e-6);
    for (const mutant of [
      upper(1.5, 101, 1e-6),
      upper(2.25, 100, 1e-6),
      upper(1.5, 100, 1e-5),
      upper(0.75, 100, 1e-6),
    ]) {
      expect(relative(mutant, truth)).to.be.above(1e-4);
    }
    expect(upper(1.5, 101, 1e-6)).to.be.above(truth);
  });
});
