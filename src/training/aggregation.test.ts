import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { addTrees, subtractTrees, weightedAverage } from './aggregation.ts';

const tree = (...values: number[]) => [{ kernel: ndarray([values.length], values) }];

describe('weightedAverage', () => {
  it('weighs by the number of examples', () => {
    const average = weightedAverage([
      { tree: tree(1, 10), examples: 1 },
      { tree: tree(5, 30), examples: 3 },
    ]);
    expect([...(average[0]?.kernel.data ?? [])]).to.deep.equal([4, 25]); // the plain mean is 3, 20
  });

  it('refuses structures that differ, naming the place, and an average over nothing', () => {
    const mixed = [
      { tree: tree(1, 2), examples: 1 },
      { tree: tree(1), examples: 1 },
    ];
    expect(() => weightedAverage(mixed)).to.throw(/"0\.kernel".*\[2\] and \[1\]/);
    expect(() => weightedAverage([{ tree: tree(1), examples: 0 }])).to.throw(RangeError, /at least one example/);
  });

  it('adds and subtracts', () => {
    expect([...(addTrees(tree(1, 2), tree(3, 5))[0]?.kernel.data ?? [])]).to.deep.equal([4, 7]);
    expect([...(subtractTrees(tree(1, 2), tree(3, 5))[0]?.kernel.data ?? [])]).to.deep.equal([-2, -3]);
  });
});
