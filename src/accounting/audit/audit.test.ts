/** Audits against the figures of other tools. */

import { expect } from 'chai';
import { type FigureRow, figureRows } from '../testing/figure-rows.ts';
import { rateBounds } from './counts.ts';
import { muOfRates } from './gaussian-family.ts';
import {
  auditCounts,
  auditGaussianCounts,
  auditOneRun,
  auditOneRunFDp,
  checkClaim,
  guessByRank,
  oneRunPValue,
  proportionAtLeast,
  proportionAtMost,
} from './index.ts';

const countsOf = ({ input }: FigureRow) => ({
  truePositives: input('TP'),
  positives: input('P'),
  falsePositives: input('FP'),
  negatives: input('N'),
});
const guessesOf = ({ input }: FigureRow) => ({ canaries: input('m'), guesses: input('r'), correct: input('v') });
const levelOf = ({ input }: FigureRow, significance: string) => ({
  delta: input('delta'),
  confidence: 1 - input(significance),
});

/** Checks every row of a quantity; the table has 12 digits. */
function agrees(quantity: string, actual: (row: FigureRow) => number, tolerance = 2e-11): void {
  for (const row of figureRows('audit.csv', quantity)) {
    it(`${quantity} of ${row.label}`, () =>
      expect(actual(row)).to.be.closeTo(row.value, tolerance * Math.max(1, row.value)));
  }
}

describe('audits agree with other tools:', () => {
  agrees('true-positive-rate-low', (row) =>
    proportionAtLeast({ successes: row.input('TP'), trials: row.input('P') }, row.input('alpha') / 2),
  );
  agrees('false-positive-rate-high', (row) =>
    proportionAtMost({ successes: row.input('FP'), trials: row.input('N') }, row.input('alpha') / 2),
  );
  agrees('counts-epsilon', (row) => auditCounts(countsOf(row), levelOf(row, 'alpha')).epsilon);
  agrees('gaussian-dp-mu', (row) => muOfRates(rateBounds(countsOf(row), row.input('alpha'))));
  agrees('gaussian-dp-epsilon', (row) => auditGaussianCounts(countsOf(row), levelOf(row, 'alpha')).epsilon, 1e-9);
  agrees('one-run-p-value', (row) => oneRunPValue(guessesOf(row), row.input('eps'), row.input('delta')));
  agrees('one-run-epsilon', (row) => auditOneRun(guessesOf(row), levelOf(row, 'p')).epsilon);
  // That tool stops its search at 1e-6.
  agrees('one-run-f-dp-epsilon', (row) => auditOneRunFDp(guessesOf(row), levelOf(row, 'p')).epsilon, 2e-6);
});

describe('auditCounts', () => {
  const level = { delta: 1e-5, confidence: 0.95 };

  it('looks at both kinds of errors: few misses prove as much as few false alarms', () => {
    const mirrored = { truePositives: 988, positives: 1000, falsePositives: 513, negatives: 1000 };
    const counts = { truePositives: 487, positives: 1000, falsePositives: 12, negatives: 1000 };
    expect(auditCounts(mirrored, level).epsilon).to.be.closeTo(auditCounts(counts, level).epsilon, 1e-12);
  });

  it('divides by the size of the group, and charges the group’s larger δ', () => {
    const counts = { truePositives: 1000, positives: 1000, falsePositives: 0, negatives: 1000 };
    const one = auditCounts(counts, { ...level, delta: 0 }).epsilon;
    expect(auditCounts(counts, { ...level, delta: 0, groupSize: 4 }).epsilon).to.be.closeTo(one / 4, 1e-12);
    expect(() => auditCounts(counts, { ...level, groupSize: 0 })).to.throw(RangeError, /groupSize .*positive/);
    // At the ε that is returned, e^(4ε) FPR + δ (e^(4ε) − 1)/(e^ε − 1) reaches TPR; with δ alone it would stay below.
    const { epsilon } = auditCounts(counts, { ...level, delta: 0.01, groupSize: 4 });
    const { truePositive, falsePositive } = rateBounds(counts, 0.05);
    const groupDelta = (0.01 * Math.expm1(4 * epsilon)) / Math.expm1(epsilon);
    expect(Math.exp(4 * epsilon) * falsePositive + groupDelta).to.be.closeTo(truePositive, 1e-9);
  });

  it('says nothing where nothing was tried, and refuses counts that are none', () => {
    const nothing = { truePositives: 0, positives: 0, falsePositives: 0, negatives: 0 };
    expect(auditCounts(nothing, level).epsilon).to.equal(0);
    expect(() => auditCounts({ ...nothing, truePositives: 1 }, level)).to.throw(
      RangeError,
      /truePositives must be at most positives \(0\)/,
    );
    expect(() => auditCounts(nothing, { ...level, confidence: 95 })).to.throw(RangeError, /confidence.*95.*0\.95/);
  });
});

describe('checkClaim', () => {
  it('flags a lower bound above the claimed upper bound, and nothing else', () => {
    const guesses = { canaries: 1000, guesses: 100, correct: 100 }; // proves 3.465
    const audit = auditOneRun(guesses, { delta: 1e-5, confidence: 0.95 });
    expect(checkClaim(3.4, audit)).to.include({ ok: false, claimed: 3.4, confidence: 0.95 });
    expect(checkClaim(3.5, audit).ok).to.equal(true);
  });
});

describe('guessByRank', () => {
  it('guesses the ends and abstains between', () => {
    const scores = [0.9, -3, 0.1, 2, -0.5, 0.2];
    const included = [false, false, true, true, true, false];
    // «in»: 2 (right), 0.9 (wrong); «out»: −3 (right)
    expect(guessByRank(scores, included, { positives: 2, negatives: 1 })).to.deep.equal({
      canaries: 6,
      guesses: 3,
      correct: 2,
    });
  });

  it('refuses more guesses than canaries', () => {
    expect(() => guessByRank([1, 2], [true, false], { positives: 2, negatives: 1 })).to.throw(
      RangeError,
      /at most the number of canaries \(2\)/,
    );
  });
});
