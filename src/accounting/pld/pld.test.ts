/** Bounds by privacy loss distributions: on both sides of the truth, and close to it. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { contourEpsilon } from '../contour/contour.ts';
import { composed, dpSgdEvent, flattenEvent, gaussianEvent, laplaceEvent, repeated } from '../events.ts';
import { gaussianEpsilon } from '../gaussian/analytic.ts';
import { laplaceEpsilon } from '../laplace.ts';
import { rdpEpsilon } from '../rdp/rdp.ts';
import { eventOf, exactRows, referenceRows } from '../testing/reference.ts';
import { pldEpsilon } from './accountant.ts';
import { mixtureLaw } from './gaussian-mixture-law.ts';
import { replacePair } from './gaussian-pairs.ts';
import { pldBounds } from './pld.ts';

function boundsOf(event: Parameters<typeof flattenEvent>[0], delta: number) {
  const { lower, upper } = pldEpsilon(flattenEvent(event), delta);
  return { lower: lower ?? Number.NaN, upper: upper ?? Number.NaN };
}

describe('privacy loss distributions', () => {
  const ratios: number[] = [];
  for (const row of exactRows()) {
    it(`bracket the truth: ${row.id} q ${row.q} σ ${row.sigma} T ${row.steps} δ ${row.delta}`, () => {
      const { lower, upper } = boundsOf(eventOf(row), row.delta);
      const printed = 2e-7; // R0391's δ is printed with six digits
      expect(lower).to.be.at.most(row.value * (1 + printed));
      expect(upper).to.be.within(row.value * (1 - printed), row.value * (1 + 1e-3));
      expect(upper).to.be.at.most(rdpEpsilon(flattenEvent(eventOf(row)), row.delta).epsilon);
      ratios.push(upper / row.value - 1);
      expect(lower).to.be.at.least(row.value * (1 - 1e-3));
    });
  }

  it('have a lower bound within 3e-3 where few records are sampled', () => {
    for (const [samplingRate, noiseMultiplier, steps, delta] of [
      [1e-4, 0.6, 50_000, 1e-6],
      [8.5e-5, 0.51, 70_463, 5.5e-4],
      [1e-3, 0.7, 30_000, 1e-8],
      [1e-5, 0.5, 800_000, 1e-9],
    ] as const) {
      const event = dpSgdEvent({ samplingRate, noiseMultiplier, steps });
      const exact = contourEpsilon(flattenEvent(event), delta)?.epsilon ?? Number.NaN;
      expect(boundsOf(event, delta).lower / exact, `q ${samplingRate} σ ${noiseMultiplier}`).to.be.within(
        0.997,
        1 + 1e-9,
      );
    }
  });

  it('are within 5e-4 where δ is hardly less than the mass of all large losses, so that ε is far below Rényi DP’s', () => {
    for (const [samplingRate, noiseMultiplier, steps, delta] of [
      [2.4e-4, 0.43, 5, 1.97e-4],
      [8.6e-5, 0.38, 18, 6.5e-5],
      [2.7e-5, 0.97, 185, 1.1e-4],
    ] as const) {
      const flat = flattenEvent(dpSgdEvent({ samplingRate, noiseMultiplier, steps }));
      const exact = contourEpsilon(flat, delta)?.epsilon ?? Number.NaN;
      const { lower, upper } = pldEpsilon(flat, delta);
      expect(upper).to.be.within(exact * (1 - 1e-9), exact * (1 + 5e-4));
      expect(lower).to.be.within(exact * (1 - 1e-3), exact * (1 + 1e-9));
    }
  });

  it('are within 1e-4 in the middle', () => {
    const sorted = [...ratios].sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).to.be.below(1e-4);
  });

  it('bracket the contour integral at random parameters', () => {
    const run = fc.record({
      samplingRate: fc.double({ min: -3, max: -0.02, noNaN: true }).map((log) => 10 ** log),
      noiseMultiplier: fc.double({ min: -0.3, max: 1.5, noNaN: true }).map((log) => 10 ** log),
      steps: fc.double({ min: 0.4, max: 4, noNaN: true }).map((log) => Math.round(10 ** log)),
    });
    const logDelta = fc.double({ min: -13, max: -3, noNaN: true });
    const check = (one: Parameters<typeof dpSgdEvent>[0], log: number) => {
      const flat = flattenEvent(dpSgdEvent(one));
      const estimate = contourEpsilon(flat, 10 ** log);
      if (estimate === null || !(estimate.epsilon > 1e-3)) return;
      const { lower, upper } = boundsOf(dpSgdEvent(one), 10 ** log);
      expect(lower).to.be.at.most(estimate.epsilon * (1 + 1e-9));
      expect(upper).to.be.within(estimate.epsilon * (1 - 1e-9), estimate.epsilon * 1.002);
    };
    fc.assert(fc.property(run, logDelta, check), { numRuns: 60, seed: 4 });
  });

  it('compose different mechanisms: Gaussians add in squares', () => {
    const event = composed([
      { event: gaussianEvent(3), count: 7 },
      { event: gaussianEvent(20), count: 500 },
    ]);
    const { lower, upper } = boundsOf(event, 1e-7);
    const exact = gaussianEpsilon(Math.sqrt(7 / 9 + 500 / 400), 1e-7);
    expect(lower).to.be.within(exact * (1 - 1e-3), exact);
    expect(upper).to.be.within(exact, exact * (1 + 1e-3));
  });

  it('give Laplace noise its atoms', () => {
    const { lower, upper } = boundsOf(laplaceEvent(0.8), 1e-3);
    expect(upper).to.be.within(laplaceEpsilon(0.8, 1e-3), laplaceEpsilon(0.8, 1e-3) * 1.001);
    expect(lower).to.be.at.most(laplaceEpsilon(0.8, 1e-3));
    for (const { sigma, steps, delta, value } of referenceRows().filter(
      (row) => row.mechanism === 'laplace' && row.accountant === 'PLD' && row.steps > 1,
    )) {
      expect(boundsOf(repeated(laplaceEvent(sigma), steps), delta).upper).to.be.within(value * 0.9995, value * 1.001);
    }
  });

  it('know replace-one of a Poisson sample, as dp_accounting does', () => {
    const rows = referenceRows().filter((row) => row.mechanism === 'poisson-gaussian(replace-one)');
    expect(rows).to.have.length(2);
    for (const { q, sigma, steps, delta, value } of rows) {
      const pair = replacePair({ samplingRate: q, noiseMultiplier: sigma });
      const law = mixtureLaw(pair, (1e-5 * delta) / steps);
      expect(pldBounds([{ law, count: steps }], delta).upper).to.be.within(value * 0.995, value * 1.0005);
    }
  });
});
