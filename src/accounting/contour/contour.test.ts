/** The contour integral's estimate against published exact values. */

import { expect } from 'chai';
import { epsilonOf } from '../epsilon-of.ts';
import { dpSgdEvent, flattenEvent, gaussianEvent, poissonSampled } from '../events.ts';
import { mixtureLaw } from '../pld/gaussian-mixture-law.ts';
import { removePair } from '../pld/gaussian-pairs.ts';
import { pldBounds } from '../pld/pld.ts';
import { eventOf, exactRows } from '../testing/reference.ts';
import { contourEpsilon, contourEpsilonNear } from './contour.ts';

/** δ printed with six digits; and the one row (q 1e-5, T 1e6) where the integral does not converge. */
const LOOSE: Readonly<Record<string, number>> = { R0391: 2e-7, R0574: 1e-3 };

describe('the contour accountant', () => {
  for (const row of exactRows()) {
    it(`gives ε to 1e-8: ${row.id} q ${row.q} σ ${row.sigma} T ${row.steps} δ ${row.delta}`, () => {
      const { estimate } = epsilonOf(eventOf(row), row.delta, { accountant: 'contour' });
      expect((estimate ?? 0) / row.value).to.be.closeTo(1, LOOSE[row.id] ?? 1e-8);
    });
  }

  it('agrees with itself from a start nearby, with its tails tapered', () => {
    const flat = flattenEvent(dpSgdEvent({ samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 }));
    const [direct, near] = [contourEpsilon(flat, 1e-5), contourEpsilonNear(flat, 1e-5, 1.8283)];
    expect((near?.epsilon ?? 0) / (direct?.epsilon ?? 1)).to.be.closeTo(1, 1e-10);
  });

  it('says how it was found', () => {
    const methodOf = (steps: number, samplingRate: number) =>
      epsilonOf(dpSgdEvent({ samplingRate, noiseMultiplier: 1, steps }), 1e-6, { accountant: 'contour' }).method;
    expect(methodOf(1, 0.1)).to.equal('closed form');
    expect(methodOf(100, 0.1)).to.equal('contour integral');
    expect(methodOf(1_000_000, 1e-5)).to.match(/privacy loss distribution/);
  });

  it('has single steps right: two of them by another way', () => {
    const event = poissonSampled(0.1, gaussianEvent(1));
    const { lower, upper } = epsilonOf(event, 1e-5);
    const law = mixtureLaw(removePair({ samplingRate: 0.1, noiseMultiplier: 1 }), 1e-10);
    const bounds = pldBounds([{ law, count: 1 }], 1e-5);
    expect(lower).to.be.at.least(bounds.lower);
    expect(upper).to.be.at.most(bounds.upper);
  });
});
