/** Bounds at noise so small or large, rates and δ so small, that masses over- and underflow. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { Adjacency } from '../../contracts/event.ts';
import { closedForm } from '../closed-form.ts';
import { contourEpsilon, hasTransforms } from '../contour/contour.ts';
import {
  composed,
  type DpSgdRun,
  discreteGaussianEvent,
  dpSgdEvent,
  flattenEvent,
  gaussianEvent,
  laplaceEvent,
  randomizedResponse,
  repeated,
  sampledWithoutReplacement,
} from '../events.ts';
import { gaussianEpsilon } from '../gaussian/analytic.ts';
import { rdpEpsilon } from '../rdp/rdp.ts';
import { pldEpsilon } from './accountant.ts';
import { epsilonAt } from './epsilon.ts';

/** Evenly over the logarithm (fc.double is even over bit patterns, nearly all of which are next to 0). */
const log = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1000 }).map((k) => 10 ** (min + ((max - min) * k) / 1000));
const runs = fc.record({
  samplingRate: log(-5, 0),
  noiseMultiplier: log(-2.5, 2),
  steps: log(0, 5).map(Math.round),
});
const deltas = log(-12, -1);
const adjacencies = fc.constantFrom<Adjacency>('add-or-remove', 'replace-one', 'zero-out');

function boundsOf(run: DpSgdRun, delta: number, adjacency: Adjacency = 'add-or-remove') {
  const { lower, upper } = pldEpsilon(flattenEvent(dpSgdEvent(run), adjacency), delta);
  return { lower: lower ?? Number.NaN, upper };
}

/** ε of a single step by its formula: of adding or removing, which replacing covers. */
function leastEpsilon(run: DpSgdRun, delta: number): number {
  return closedForm(flattenEvent(dpSgdEvent({ ...run, steps: 1 })), delta) ?? Number.NaN;
}

describe('bounds at extreme parameters', () => {
  it('hold for the smallest noise: ε as by adding up cells without tilts or transforms', () => {
    // [q, σ, T, δ, from below, from above]: direct convolutions in double precision, losses rounded down and up
    for (const [samplingRate, noiseMultiplier, steps, delta, low, high] of [
      [0.01, 0.005, 10, 1e-5, 60486.48, 60498.86],
      [0.04, 0.006, 10, 1e-5, 69475.97, 69490.88],
      [0.1, 0.006, 10, 1e-5, 84326.22, 84343.99],
      [0.5, 0.05, 8, 1e-8, 1851.093, 1851.777],
      [0.001, 0.02, 50, 1e-9, 6214.769, 6221.834],
      [0.99, 0.01, 10, 1e-5, 51334.19, 51346.57],
      [0.00001, 0.1, 50, 1e-6, 66.63509, 66.74533],
    ] as const) {
      const { lower, upper } = boundsOf({ samplingRate, noiseMultiplier, steps }, delta);
      expect(upper).to.be.within(low, high * (1 + 1e-3));
      expect(lower).to.be.within(low * (1 - 1e-3), high);
    }
  });

  it('are not left to Rényi DP where large losses are far apart: rounding below all losses is no mass there', () => {
    for (const [samplingRate, noiseMultiplier, steps, delta] of [
      [0.01065, 0.2054, 75, 3.9e-11], // 128.9 by Rényi DP instead of 117.6
      [8.7187e-6, 0.05193, 5818, 0.01281], // 298 instead of 186
    ] as const) {
      const { lower, upper } = boundsOf({ samplingRate, noiseMultiplier, steps }, delta);
      expect(lower / upper).to.be.within(0.999, 1);
    }
  });

  it('stay apart where steps are so wide that e^step has no digits left', () => {
    for (const [samplingRate, noiseMultiplier, steps, delta] of [
      [0.1, 0.001, 1000, 1e-6],
      [1e-4, 5e-4, 1_000_000, 1e-10],
      [1e-3, 1e-3, 100_000, 1e-6], // masses far below the window are none that the upper bound has to add
    ] as const) {
      const { lower, upper } = boundsOf({ samplingRate, noiseMultiplier, steps }, delta);
      expect(lower / upper).to.be.within(0.99, 1 - 1e-5); // a lower bound above the upper one is cut off at it
    }
  });

  it('are numbers in order, above a single step’s ε, beside Rényi DP and the contour integral', () => {
    const check = (run: DpSgdRun, delta: number, adjacency: Adjacency) => {
      const flat = flattenEvent(dpSgdEvent(run), adjacency);
      const { lower, upper } = boundsOf(run, delta, adjacency);
      expect(lower).to.be.within(0, upper);
      expect(upper).to.be.at.least(leastEpsilon(run, delta) * (1 - 1e-9));
      if (adjacency !== 'replace-one') expect(rdpEpsilon(flat, delta).epsilon).to.be.at.least(lower * (1 - 1e-9));
      if (run.noiseMultiplier < 0.05 || !hasTransforms(flat)) return;
      const estimate = contourEpsilon(flat, delta)?.epsilon ?? lower;
      expect(estimate).to.be.within(lower * (1 - 1e-8), upper * (1 + 1e-8));
    };
    fc.assert(fc.property(runs, deltas, adjacencies, check), { numRuns: 25, seed: 11 });
  }).timeout(180_000);

  it('grow with steps and with less noise', () => {
    const check = (run: DpSgdRun, delta: number, adjacency: Adjacency) => {
      const { lower } = boundsOf(run, delta, adjacency);
      const more = { ...run, steps: Math.ceil(1.5 * run.steps) };
      const nearer = { ...run, noiseMultiplier: run.noiseMultiplier * 0.8 };
      for (const worse of [more, nearer]) expect(boundsOf(worse, delta, adjacency).upper).to.be.at.least(lower);
    };
    fc.assert(fc.property(runs, deltas, adjacencies, check), { numRuns: 12, seed: 5 });
  }).timeout(180_000);

  it('hold for other mechanisms: between basic composition and one release', () => {
    const discrete = (std: number) => discreteGaussianEvent(std, 1);
    for (const delta of [1e-12, 1e-5, 0.1]) {
      for (const noise of [1e-3, 0.03, 1, 100]) {
        for (const count of [1, 10, 1000]) {
          const laplace = pldEpsilon(flattenEvent(repeated(laplaceEvent(noise), count)), delta);
          expect(laplace.upper).to.be.within(
            Math.max(0, 1 / noise + 2 * Math.log1p(-delta)) * (1 - 1e-9),
            (count / noise) * 1.001,
          );
          expect(laplace.lower).to.be.within(0, laplace.upper);
        }
      }
      for (const keep of [0.500001, 0.9, 1 - 1e-12]) {
        const pure = Math.log(keep / (1 - keep));
        const event = repeated(randomizedResponse({ choices: 2, keep }), 100);
        const { lower, upper } = pldEpsilon(flattenEvent(event, 'replace-one'), delta);
        expect(upper).to.be.within(lower ?? 0, 100 * pure * 1.001);
        expect(upper).to.be.at.least(keep > 0.5 + delta ? pure * 0.9 : 0);
      }
      // the discrete Gaussian is (1/2σ²)-zCDP, and σ = 1/10 makes nearly every release tell all
      expect(pldEpsilon(flattenEvent(repeated(discrete(0.1), 10)), delta).upper).to.be.within(400, 700);
    }
  });

  it('hold for Laplace noise so small that losses crowd below their largest sum', () => {
    // of e − 2X, X exponential with probability ½, else 0, at e = 1000: sums of gamma distributions by quadrature
    for (const [count, delta, exact] of [
      [10, 0.1, 9995.490249],
      [1000, 0.1, 999068.6902],
      [1000, 1e-5, 999219.2696],
      [1000, 1e-12, 999346.8182],
    ] as const) {
      const flat = flattenEvent(repeated(laplaceEvent(1e-3), count));
      const { lower, upper } = pldEpsilon(flat, delta);
      expect(upper).to.be.within(exact * (1 - 1e-9), exact * (1 + 1e-4));
      expect(lower).to.be.within(exact * (1 - 1e-3), exact * (1 + 1e-9));
      expect(contourEpsilon(flat, delta)).to.equal(null);
    }
    // all 10 largest losses have P-mass 2^-10, from which follows ε ≥ 10 − 1e-9
    expect(pldEpsilon(flattenEvent(repeated(laplaceEvent(1), 10)), 1e-12).lower).to.be.within(10 - 1e-6, 10);
    expect(contourEpsilon(flattenEvent(repeated(laplaceEvent(1), 10)), 1e-12)).to.equal(null);
    const many = (delta: number) => pldEpsilon(flattenEvent(repeated(laplaceEvent(1e-3), 100_000)), delta).upper;
    expect(many(0.1)).to.be.above(99_900_600); // the mean is 99,900,000 and the deviation √(3 · 10⁵)
    expect(many(1e-12)).to.be.above(99_903_500);
  });

  it('refuse to gain from a fixed batch what little noise does not give', () => {
    const batch = (noise: number) =>
      repeated(sampledWithoutReplacement({ batch: 10, records: 1000 }, gaussianEvent(noise)), 10);
    for (const noise of [1e-3, 0.01, 0.1]) {
      const { epsilon } = rdpEpsilon(flattenEvent(batch(noise), 'replace-one'), 1e-5);
      const whole = gaussianEpsilon((2 * Math.sqrt(10)) / noise, 1e-5);
      expect(epsilon).to.be.within(0.1 * whole, 1.05 * whole);
    }
  });

  it('hold for users at little noise: at least one record’s ε', () => {
    for (const noiseMultiplier of [0.01, 0.1, 1]) {
      const run = { samplingRate: 0.01, noiseMultiplier, steps: 10 };
      const user = boundsOf({ ...run, recordsPerUser: 4 }, 1e-5);
      expect(user.upper).to.be.at.least(boundsOf(run, 1e-5).lower);
      expect(user.lower).to.be.at.most(user.upper);
    }
  });

  it('compose little noise with much', () => {
    const one = { samplingRate: 0.01, noiseMultiplier: 0.01, steps: 10 };
    const both = composed([
      { event: dpSgdEvent(one), count: 1 },
      { event: dpSgdEvent({ ...one, noiseMultiplier: 5 }), count: 100 },
    ]);
    expect(pldEpsilon(flattenEvent(both), 1e-5).upper).to.be.at.least(boundsOf(one, 1e-5).lower);
  });
});

describe('ε of a composed loss', () => {
  const pmf = { step: 1, first: 100, tilt: 0.5, logMoment: 0, masses: Float64Array.of(0.5, 0.5) };
  const tail = { pmf, shift: 0, outside: 0, rounding: 0, infinite: 0 };

  it('is not 0 where what lies outside the window, or a loss in it, is more than δ', () => {
    expect(epsilonAt({ ...tail, outside: 1e-9 }, 1e-14, 1)).to.be.within(1, 100);
    // P-mass of the window: e^-50 (0.5 + 0.5 e^-0.5)
    expect(epsilonAt(tail, 1e-23, 1)).to.be.within(98, 101);
    expect(epsilonAt(tail, 1e-10, 1)).to.equal(0);
  });

  it('is above the window where what is missed alone exceeds δ there', () => {
    // e^-ε/2 · outside · largest share (0.385) = δ
    const epsilon = epsilonAt({ ...tail, outside: 0.5 }, 1e-24, 1);
    expect(epsilon).to.be.closeTo(2 * Math.log((0.5 * 0.3849) / 1e-24), 1e-3);
  });

  it('has no bound where masses are missing or no numbers', () => {
    for (const masses of [Float64Array.of(0.5, 0.2), Float64Array.of(0.5, Number.NaN), Float64Array.of(0, 0)]) {
      expect(epsilonAt({ ...tail, pmf: { ...pmf, masses } }, 0.1, 1)).to.equal(Number.POSITIVE_INFINITY);
      expect(epsilonAt({ ...tail, pmf: { ...pmf, masses } }, 0.1, -1)).to.equal(0);
    }
    const overflown = { ...pmf, logMoment: Number.POSITIVE_INFINITY };
    expect(epsilonAt({ ...tail, pmf: overflown }, 0.1, 1)).to.equal(Number.POSITIVE_INFINITY);
  });
});
