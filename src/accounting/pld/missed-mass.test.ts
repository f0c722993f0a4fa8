/** Mass that grids and windows leave out is counted: as infinite losses, or against δ. */

import { expect } from 'chai';
import { logBinomialTail } from '../special/binomial.ts';
import { massOutside } from './compose.ts';
import { mixtureLaw } from './gaussian-mixture-law.ts';
import { addPair, removePair, replacePair } from './gaussian-pairs.ts';
import { gridOver } from './loss-law.ts';
import { totalOf } from './tilted.ts';

describe('the losses of a sampled Gaussian on a grid', () => {
  const sampled = { samplingRate: 0.2, noiseMultiplier: 0.9 };
  for (const [name, pair] of Object.entries({
    remove: removePair(sampled),
    add: addPair(sampled),
    replace: replacePair(sampled),
  })) {
    it(`leave out no more than is counted as infinite (${name})`, () => {
      for (const share of [0.1, 1e-3]) {
        const law = mixtureLaw(pair, share);
        const { grid } = gridOver(law, 0.01, { tilt: 1, count: 1 });
        const missed = 1 - totalOf(law.cells({ ...grid, first: -2000, cells: grid.first + grid.cells + 2000 }).mass);
        expect(missed).to.be.at.most(law.above);
        expect(law.above).to.be.at.most(share);
        expect(missed).to.be.above(share / 100);
      }
    });
  }
});

describe('massOutside', () => {
  it('bounds what of a sum lies below and above the window, each to a factor of ten', () => {
    const coin = { step: 1, first: 0, tilt: 1, logMoment: 0, masses: Float64Array.of(0.5, 0.5) };
    const forty = [{ pmf: coin, count: 40 }];
    const tail = (k: number) => Math.exp(logBinomialTail(k, { trials: 40, probability: 0.5 }));
    const best = { left: Math.log(36 / 4), right: Math.log(37 / 3) };
    const below = massOutside(forty, { lowest: 5, length: 64 }, best); // sums end at 40
    expect(below).to.be.within(tail(36), 10 * tail(36));
    const above = massOutside(forty, { lowest: -27, length: 64 }, best); // 37 and more
    expect(above).to.be.within(tail(37), 10 * tail(37));
  });
});
