/** Noise, steps, rates and δ for a promised ε, with the tightest bounds. */

import { expect } from 'chai';
import { deltaFor, noiseFor, samplingRateFor, stepsFor } from './calibrate.ts';
import { epsilonOf, figureAt } from './epsilon-of.ts';
import { dpSgdEvent, gaussianEvent, laplaceEvent } from './events.ts';
import { gaussianDelta } from './gaussian/analytic.ts';
import { referenceRows } from './testing/reference.ts';

/** Where the contour integral does not converge, bounds alone are searched. */
const SLOW = ['R0619'];

describe('calibration with the tightest bounds', () => {
  const rows = referenceRows().filter(
    ({ mechanism, accountant }) => mechanism.startsWith('calibrate') && ['contour', 'analytic'].includes(accountant),
  );
  for (const { id, q, sigma: epsilon, steps, delta, value } of rows.filter((row) => !SLOW.includes(row.id))) {
    it(`asks what is needed, and at most 2e-4 more: ${id}`, () => {
      const found = noiseFor({ samplingRate: q, epsilon, steps, delta });
      expect(found.noiseMultiplier).to.be.within(value * (1 - 1e-9), value * (1 + 2e-4));
      expect(found.epsilon.upper).to.be.within(epsilon * (1 - 1e-3), epsilon);
    });
  }

  it('is above what dp_accounting returned too low: σ 6.62607 at δ = 1e-12', () => {
    const request = { samplingRate: 0.01, steps: 10_000, epsilon: 1, delta: 1e-12 };
    expect(noiseFor(request).noiseMultiplier).to.be.within(6.627, 6.6285);
  });

  it('never promises more than the noise keeps, and hardly more noise than that takes: ε from 1e-3 to 1e6', () => {
    for (const epsilon of [1e-3, 1, 1e3, 1e5, 1e6]) {
      const request = { samplingRate: 0.1, steps: 10, epsilon, delta: 1e-5 };
      const { noiseMultiplier, epsilon: answer } = noiseFor(request);
      expect(answer.upper).to.be.within(epsilon * (1 - 2e-3), epsilon);
      const less = dpSgdEvent({ ...request, noiseMultiplier: 0.98 * noiseMultiplier });
      expect(epsilonOf(less, 1e-5).lower).to.be.above(epsilon);
    }
  });

  it('searches by the figure that the answer has, and refuses options of another accountant', () => {
    const run = { samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 };
    for (const [samplingRate, noiseMultiplier, steps] of [
      [0.97, 3, 20],
      [1, 0.4, 3],
      [1e-3, 0.3, 50],
      [0.2, 0.05, 2],
    ] as const) {
      const event = dpSgdEvent({ samplingRate, noiseMultiplier, steps });
      expect(figureAt(event, 1e-5)).to.equal(epsilonOf(event, 1e-5).upper);
    }
    for (const options of [{}, { accountant: 'pld' }, { accountant: 'rdp', orders: 'opacus' }] as const) {
      expect(figureAt(dpSgdEvent(run), 1e-5, options)).to.equal(epsilonOf(dpSgdEvent(run), 1e-5, options).upper);
    }
    for (const event of [gaussianEvent(2), laplaceEvent(2), dpSgdEvent({ ...run, steps: 0 })]) {
      expect(figureAt(event, 1e-5)).to.equal(epsilonOf(event, 1e-5).upper);
    }
    expect(() => stepsFor({ ...run, epsilon: 1, delta: 1e-5, orders: 'opacus' })).to.throw(RangeError, 'orders');
  });

  it('finds steps and sampling rates that invert it', () => {
    const run = { samplingRate: 0.01, noiseMultiplier: 1.4147, epsilon: 1, delta: 1e-5 };
    const steps = stepsFor(run);
    expect(steps).to.be.within(995, 1000);
    const rate = samplingRateFor({ ...run, steps: 1000 });
    expect(rate).to.be.within(0.00999, 0.0100006);
    expect(epsilonOf(dpSgdEvent({ ...run, steps: 1000, samplingRate: rate }), 1e-5).upper).to.be.at.most(1);
    expect(samplingRateFor({ ...run, noiseMultiplier: 100, steps: 1 })).to.equal(1);
  });

  it('moves no further than the bound asks where ε changes much faster, or much slower, than what is looked for', () => {
    const noise = noiseFor({ samplingRate: 1e-5, steps: 1_000_000, epsilon: 1, delta: 1e-9 });
    expect(noise.epsilon.upper).to.be.within(0.999, 1); // ε changes 15 times as fast as the noise
    for (const [samplingRate, noiseMultiplier, epsilon] of [
      [1e-3, 0.5, 0.01], // ε changes 7 times as fast as δ
      [0.01, 1, 1], // a twelfth as fast
    ] as const) {
      const event = dpSgdEvent({ samplingRate, noiseMultiplier, steps: 1000 });
      const { delta, epsilon: answer } = deltaFor(event, { epsilon });
      expect(answer.upper).to.be.within(0.99 * epsilon, epsilon);
      expect(epsilonOf(event, 0.995 * delta).estimate).to.be.above(epsilon); // less δ would not do
    }
  });

  it('finds δ', () => {
    const { delta } = deltaFor(gaussianEvent(2), { epsilon: 1 });
    expect(delta).to.be.within(gaussianDelta(0.5, 1), gaussianDelta(0.5, 1) * (1 + 1e-7));
    expect(deltaFor(laplaceEvent(2), { epsilon: 0.6 }).delta).to.equal(0);
    const event = dpSgdEvent({ samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 });
    const found = deltaFor(event, { epsilon: 1.82823666652 });
    expect(found.delta).to.be.within(1e-5 * (1 - 1e-8), 1.01e-5);
    expect(found.epsilon.upper).to.be.at.most(1.82823666652);
  });

  it('takes the estimate of an accountant without bounds, and says so', () => {
    const request = { samplingRate: 0.01, steps: 1000, epsilon: 1, delta: 1e-5, accountant: 'contour' } as const;
    const { noiseMultiplier, epsilon } = noiseFor(request);
    expect(noiseMultiplier).to.be.closeTo(1.4146194, 1e-6);
    expect(epsilon.upper).to.equal(null);
  });
});

describe('calibration for users', () => {
  const user = { samplingRate: 0.01, steps: 1000, recordsPerUser: 5, delta: 1e-5 };

  it('finds the noise at which a user costs the target, and not less', () => {
    const { noiseMultiplier, epsilon } = noiseFor({ ...user, epsilon: 2 });
    expect(noiseMultiplier).to.be.closeTo(3.28638, 1e-4); // one record needs 0.959
    expect(epsilon.upper).to.be.within(2 * (1 - 1e-5), 2);
    expect(epsilonOf(dpSgdEvent({ ...user, noiseMultiplier }), 1e-5).upper).to.equal(epsilon.upper);
  });

  it('finds the steps and the sampling rate as well', () => {
    const run = { ...user, noiseMultiplier: 3.2864, epsilon: 2 };
    expect(stepsFor(run)).to.be.within(999, 1001);
    expect(samplingRateFor(run)).to.be.closeTo(0.01, 1e-5);
  });
});
