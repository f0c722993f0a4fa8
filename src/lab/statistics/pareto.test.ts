import { expect } from 'chai';
import { dominated, hypervolume, type TradeOffPoint } from './pareto.ts';

const points = (pairs: readonly (readonly [number, number])[]): TradeOffPoint[] =>
  pairs.map(([accuracy, leakage]) => ({ accuracy, leakage }));

describe('dominated', () => {
  it('marks points that another beats in one and matches in the other', () => {
    const front = points([
      [0.9, 20],
      [0.8, 10],
      [0.8, 15],
      [0.7, 10],
      [0.95, 30],
      [0.6, 25],
    ]);
    expect(dominated(front)).to.deep.equal([false, false, true, true, false, true]);
  });

  it('keeps equal points both', () => {
    expect(
      dominated(
        points([
          [0.5, 1],
          [0.5, 1],
        ]),
      ),
    ).to.deep.equal([false, false]);
  });
});

describe('hypervolume', () => {
  const reference = { accuracy: 0, leakage: 4 };
  it('is the area of a staircase', () => {
    expect(hypervolume(points([[1, 0]]), reference)).to.equal(4);
    // Widths 1, 1, 1 of heights 3, 2, 1.
    expect(
      hypervolume(
        points([
          [3, 3],
          [1, 1],
          [2, 2],
        ]),
        reference,
      ),
    ).to.equal(6);
  });

  it('gains nothing from dominated points, and none from points beyond the reference', () => {
    expect(
      hypervolume(
        points([
          [3, 3],
          [1, 1],
          [2, 2],
          [1.5, 2.5],
          [5, 4],
          [-1, 0],
        ]),
        reference,
      ),
    ).to.equal(6);
    expect(hypervolume([], reference)).to.equal(0);
  });
});
