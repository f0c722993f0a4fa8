import { expect } from 'chai';
import { epsilonOf } from './epsilon-of.ts';
import { dpSgdEvent } from './events.ts';
import { gaussianEpsilon } from './gaussian/analytic.ts';
import { groupEpsilon } from './group-privacy.ts';

const run = { samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 };
const delta = 1e-5;

describe('groupEpsilon', () => {
  it('is the figure of one record for one record', () => {
    const own = epsilonOf(dpSgdEvent(run), delta).upper;
    expect(groupEpsilon({ run, records: 1, delta })).to.equal(own);
    expect(groupEpsilon({ run, records: 1, delta, sampling: 'dependent' })).to.equal(own);
  });

  // Of dp_accounting 0.6.0, by PLD of the mixture and by group privacy of RDP, which gives twice as much at noise 1.
  for (const { noiseMultiplier, mixture, rdp } of [
    { noiseMultiplier: 1, mixture: 11.6379765169, rdp: 23.6866333157 },
    { noiseMultiplier: 4, mixture: 1.58716879304, rdp: 1.74690109363 },
  ]) {
    it(`is that of the mixture for five records at noise ${noiseMultiplier}`, () => {
      const epsilon = groupEpsilon({ run: { ...run, noiseMultiplier }, records: 5, delta });
      expect(epsilon)
        .to.be.within(mixture * (1 - 2e-4), mixture * (1 + 2e-4))
        .and.below(rdp);
    });
  }

  it('grows with the number of records, by more than in proportion', () => {
    const figures = [1, 2, 3, 5].map((records) => groupEpsilon({ run, records, delta }));
    for (const [index, records] of [1, 2, 3, 5].entries()) {
      expect(figures[index]).to.be.at.least(records * (figures[0] as number));
    }
  });

  it('is ∞ without noise', () => {
    for (const sampling of ['independent', 'dependent', 'passes'] as const) {
      const request = { run: { ...run, noiseMultiplier: 0 }, records: 3, delta, sampling };
      expect(groupEpsilon(request), sampling).to.equal(Number.POSITIVE_INFINITY);
    }
  });
});

describe('groupEpsilon of records that are not drawn independently', () => {
  it('is one record of rate k q and noise z ÷ k where they may come together', () => {
    const asOne = epsilonOf(dpSgdEvent({ samplingRate: 0.03, noiseMultiplier: 4 / 3, steps: 1000 }), delta).upper;
    const request = { run: { ...run, noiseMultiplier: 4 }, records: 3, delta };
    expect(groupEpsilon({ ...request, sampling: 'dependent' })).to.equal(asOne);
    expect(groupEpsilon(request)).to.be.below(asOne as number);
    const often = { run: { ...run, samplingRate: 0.6, noiseMultiplier: 9 }, records: 3, delta };
    const always = epsilonOf(dpSgdEvent({ samplingRate: 1, noiseMultiplier: 3, steps: 1000 }), delta).upper;
    expect(groupEpsilon({ ...often, sampling: 'dependent' })).to.equal(always);
  });

  it('gains nothing from sampling in shuffled passes: k √passes ÷ z', () => {
    const thirty = { samplingRate: 1 / 600, noiseMultiplier: 4, steps: 4200 }; // 7 passes, and 7.000000000000001 by rounding
    const passes = groupEpsilon({ run: thirty, records: 3, delta, sampling: 'passes' });
    expect(passes).to.be.closeTo(gaussianEpsilon((3 * Math.sqrt(7)) / 4, delta), 1e-6);
    const begun = groupEpsilon({ run: { ...thirty, steps: 4201 }, records: 3, delta, sampling: 'passes' });
    expect(begun).to.be.closeTo(gaussianEpsilon((3 * Math.sqrt(8)) / 4, delta), 1e-6);
  });
});
