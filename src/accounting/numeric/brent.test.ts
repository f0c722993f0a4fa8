import { expect } from 'chai';
import { findRoot, minimize } from './brent.ts';

describe('findRoot', () => {
  it('finds a root to the tolerance, in few evaluations', () => {
    let evaluations = 0;
    const f = (x: number) => {
      evaluations += 1;
      return Math.exp(x) - 5;
    };
    expect(findRoot(f, { low: -10, high: 10, tolerance: 1e-14 })).to.be.closeTo(Math.log(5), 1e-13);
    expect(evaluations).to.be.below(20);
  });

  it('finds a root of a step, where secants fail', () => {
    const root = findRoot((x) => (x < 0.3 ? -1 : 1e9), { low: 0, high: 1, tolerance: 1e-12 });
    expect(root).to.be.closeTo(0.3, 1e-11);
  });

  it('returns the better end where the signs agree', () => {
    expect(findRoot((x) => x + 1, { low: 0, high: 1, tolerance: 1e-9 })).to.equal(0);
  });
});

describe('minimize', () => {
  it('finds a smooth minimum and one with a kink', () => {
    expect(minimize((x) => (x - 2) ** 2 + 1, { low: -5, high: 9, tolerance: 1e-9 })).to.be.closeTo(2, 1e-7);
    expect(minimize((x) => Math.abs(x - 2), { low: -5, high: 9, tolerance: 1e-9 })).to.be.closeTo(2, 1e-7);
  });

  it('goes to the end where the function is monotone', () => {
    expect(minimize((x) => x, { low: 3, high: 9, tolerance: 1e-9 })).to.be.closeTo(3, 1e-6);
  });
});
