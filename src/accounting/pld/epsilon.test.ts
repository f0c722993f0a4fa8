/** ε of a loss that is written down: what is infinite, missed or rounded counts against it. */

import { expect } from 'chai';
import { epsilonAt, type Tail } from './epsilon.ts';

/** Losses 0 and 2 with P-masses 0.5 and 0.3, and 0.2 infinite: δ(ε) = 0.2 + 0.3 (1 − e^(ε−2)) on [0, 2]. */
const [none, two] = [0.5, 0.3 * Math.exp(2)];
const tail: Tail = {
  pmf: {
    ...{ step: 2, first: 0, tilt: 1, logMoment: Math.log(none + two) },
    masses: Float64Array.of(none / (none + two), two / (none + two)),
  },
  ...{ shift: 0, outside: 0, rounding: 0, infinite: 0.2 },
};

describe('epsilonAt', () => {
  it('solves δ(ε) = δ, infinite losses included', () => {
    for (const side of [1, -1] as const) {
      expect(epsilonAt(tail, 0.35, side)).to.be.closeTo(2 - Math.log(2), 1e-12);
      expect(epsilonAt({ ...tail, infinite: 0 }, 0.15, side)).to.be.closeTo(2 - Math.log(2), 1e-12);
    }
  });

  it('says nothing where infinite losses alone exceed δ', () => {
    expect([epsilonAt(tail, 0.2, 1), epsilonAt(tail, 0.1, -1)]).to.deep.equal([Number.POSITIVE_INFINITY, 0]);
  });

  it('adds what is missed or rounded to δ for the bound above, and takes it off for the one below', () => {
    const exact = 2 - Math.log(2);
    for (const missed of [{ outside: 1e-3 }, { rounding: 1e-3 }]) {
      expect(epsilonAt({ ...tail, ...missed }, 0.35, 1)).to.be.within(exact + 1e-4, exact + 1e-2);
      expect(epsilonAt({ ...tail, ...missed }, 0.35, -1)).to.be.within(exact - 1e-2, exact - 1e-4);
    }
  });
});
