/** Composition theorems against published values, and every method on one question. */

import { expect } from 'chai';
import { epsilonOf } from '../epsilon-of.ts';
import { dpSgdEvent } from '../events.ts';
import { referenceRows } from '../testing/reference.ts';
import { sideBySide } from './side-by-side.ts';
import { advancedComposition, basicComposition, optimalComposition, zcdpEpsilon } from './theorems.ts';

const half = { epsilon: 0.5, delta: 0, count: 20 };

function published(id: string): number {
  return referenceRows().find((row) => row.id === id)?.value ?? Number.NaN;
}

describe('composition theorems', () => {
  it('agree with published values', () => {
    expect(advancedComposition(half, 1e-6)).to.be.closeTo(published('R0683'), 1e-9);
    expect(optimalComposition(half, 1e-6)).to.be.closeTo(published('R0682'), 1e-12);
    expect(zcdpEpsilon(0.01, 1e-9)).to.be.closeTo(published('R0658'), 1e-11);
    expect(zcdpEpsilon(5, 1e-5)).to.be.closeTo(published('R0662'), 1e-9);
    expect(basicComposition({ ...half, delta: 1e-9 })).to.deep.equal({ epsilon: 10, delta: 20 * 1e-9 });
  });

  it('do not overflow at ten thousand releases, where dp_accounting’s optimal one does', () => {
    const many = { epsilon: 0.01, delta: 1e-10, count: 10_000 };
    const [optimal, advanced] = [optimalComposition(many, 1e-5), advancedComposition(many, 1e-5)];
    expect(optimal).to.be.within(4, advanced);
    expect(optimalComposition({ ...many, delta: 1e-8 }, 1e-5)).to.equal(Number.POSITIVE_INFINITY);
    expect(advancedComposition({ ...many, delta: 1e-8 }, 1e-5)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('are all bounds, side by side, and none is below the tightest lower bound', () => {
    const run = { samplingRate: 0.05, noiseMultiplier: 1.5, steps: 200 };
    const { lower, upper } = epsilonOf(dpSgdEvent(run), 1e-6);
    const all = sideBySide(run, 1e-6);
    expect(all.map(({ accountant }) => accountant)).to.deep.equal([
      'rdp',
      'contour',
      'pld',
      'gaussian-dp',
      'zcdp',
      'basic',
      'advanced',
      'optimal',
    ]);
    for (const { accountant, epsilon } of all) {
      if (epsilon.upper !== null) expect(epsilon.upper, accountant).to.be.at.least(upper ?? lower ?? 0);
    }
    expect(all.find(({ accountant }) => accountant === 'zcdp')?.reason).to.match(/sampling/);
  });

  it('share δ among the steps: all of it for basic, half for the others and half for the theorem', () => {
    const run = { samplingRate: 0.05, noiseMultiplier: 1.5, steps: 200 };
    const release = (delta: number) => {
      const epsilon = epsilonOf(dpSgdEvent({ ...run, steps: 1 }), delta).upper as number;
      return { epsilon, delta, count: 200 };
    };
    const all = sideBySide(run, 1e-6);
    const upper = (name: string) => all.find(({ accountant }) => accountant === name)?.epsilon.upper;
    expect(upper('basic')).to.equal(200 * release(1e-6 / 200).epsilon);
    expect(upper('advanced')).to.equal(advancedComposition(release(1e-6 / 400), 1e-6));
    expect(upper('optimal')).to.equal(optimalComposition(release(1e-6 / 400), 1e-6));
    expect(upper('advanced')).to.be.below(1000);
  });

  it('are about the user where a run has one', () => {
    const run = { samplingRate: 1, noiseMultiplier: 8, steps: 20 };
    const user = sideBySide({ ...run, recordsPerUser: 4 }, 1e-6);
    expect(user).to.deep.equal(sideBySide({ ...run, noiseMultiplier: 2 }, 1e-6));
    const sampled = { samplingRate: 0.05, noiseMultiplier: 4, steps: 200, recordsPerUser: 3 };
    const least = epsilonOf(dpSgdEvent(sampled), 1e-6).upper as number;
    for (const { accountant, epsilon } of sideBySide(sampled, 1e-6)) {
      if (epsilon.upper !== null) expect(epsilon.upper, accountant).to.be.at.least(least);
    }
  });

  it('are about replacing a record where asked: twice the sensitivity, for zCDP too', () => {
    const run = { samplingRate: 1, noiseMultiplier: 8, steps: 20 };
    const replaced = sideBySide(run, 1e-6, { adjacency: 'replace-one' });
    expect(replaced).to.deep.equal(sideBySide({ ...run, noiseMultiplier: 4 }, 1e-6));
  });

  it('say why an accountant is silent', () => {
    const run = { samplingRate: 0.05, noiseMultiplier: 1.5, steps: 20 };
    const all = sideBySide(run, 1e-6, { adjacency: 'replace-one' });
    expect(all.find(({ accountant }) => accountant === 'rdp')?.reason).to.match(/replace-one/);
    expect(all.find(({ accountant }) => accountant === 'pld')?.epsilon.upper).to.be.above(0);
  });
});
