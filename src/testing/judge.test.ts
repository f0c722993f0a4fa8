import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import { judge } from './judge.ts';

describe('judge', () => {
  it('goes by where the 95 % interval lies', () => {
    expect(judge([1, 1.1, 0.9, 1.05], { bound: 0 }).outcome).to.equal('holds');
    expect(judge([1, 1.1, 0.9, 1.05], { bound: 2 }).outcome).to.equal('refuted');
    expect(judge([1, 1.1, 0.9, 1.05], { bound: 1 }).outcome).to.equal('inconclusive');
    expect(judge([0, 0, 0], { bound: 0 }).outcome, 'no difference at all').to.equal('refuted');
    expect(judge([0, 0, 0], { bound: 0, orEqual: true }).outcome).to.equal('holds');
  });

  it('decides nothing from one seed, or where a difference is infinite', () => {
    expect(judge([5], { bound: 0 })).to.deep.equal({ outcome: 'inconclusive', test: undefined, seedsNeeded: 2 });
    expect(judge([5, Number.POSITIVE_INFINITY], { bound: 0 }).outcome).to.equal('inconclusive');
    expect(judge([5, Number.NaN], { bound: 0 }).outcome).to.equal('inconclusive');
  });

  it('decides nothing without spread: differences of few victims are often all alike', () => {
    expect(judge([0.1, 0.1, 0.1], { bound: 0 }).outcome).to.equal('inconclusive');
    const rng = seededRng(5);
    for (const [seeds, p] of [
      [2, 0.5],
      [5, 0.6],
      [5, 0.8],
      [10, 0.9],
    ] as const) {
      const wrong = Array.from({ length: 2000 }, () => {
        const differences = Array.from({ length: seeds }, () => Number(rng.next() < p));
        return judge(differences, { bound: p }).outcome === 'holds';
      });
      expect(wrong.filter(Boolean).length / wrong.length, `${seeds} seeds, ${p}`).to.be.below(0.04);
    }
  });

  it('is wrong in at most 2.5 % of the cases, where the mean lies on the bound', () => {
    const rng = seededRng(3);
    const outcomes = Array.from({ length: 4000 }, () => judge([...rng.normal(4)], { bound: 0 }).outcome);
    for (const verdict of ['holds', 'refuted']) {
      const share = outcomes.filter((outcome) => outcome === verdict).length / outcomes.length;
      expect(share, verdict).to.be.within(0.018, 0.033); // 0.025 ± 3 standard errors
    }
  });

  it('says how many seeds would decide it: four of five times they do', () => {
    const pilot = judge([1.5, -0.7, 1.0, 0.2], { bound: 0 }); // mean 0.5, sd 0.96
    expect(pilot.outcome).to.equal('inconclusive');
    const { seedsNeeded = 0 } = pilot;
    const sd = Math.sqrt([1, -1.2, 0.5, -0.3].reduce((sum, value) => sum + value ** 2, 0) / 3);
    const rng = seededRng(4);
    const repeats = Array.from({ length: 2000 }, () => {
      const differences = Array.from(rng.normal(seedsNeeded), (z) => 0.5 + sd * z);
      return judge(differences, { bound: 0 }).outcome === 'holds';
    });
    expect(repeats.filter(Boolean).length / repeats.length).to.be.within(0.77, 0.85);
    expect(judge([1, -1, 1, -1.0001], { bound: 0 }).seedsNeeded, 'no effect to speak of').to.equal(undefined);
  });
});
