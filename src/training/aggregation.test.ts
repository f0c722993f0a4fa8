import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { addTrees, runningAverage, subtractTrees, type WeightedTree } from './aggregation.ts';

const tree = (...values: number[]) => [{ kernel: ndarray([values.length], values) }];

function average(total: number, ...parts: readonly WeightedTree<ReturnType<typeof tree>>[]) {
  const running = runningAverage<ReturnType<typeof tree>>(total);
  for (const part of parts) running.add(part);
  return running.mean();
}

describe('runningAverage', () => {
  it('weighs by the number of examples', () => {
    const mean = average(4, { tree: tree(1, 10), examples: 1 }, { tree: tree(5, 30), examples: 3 });
    expect([...(mean[0]?.kernel.data ?? [])]).to.deep.equal([4, 25]); // the plain mean is 3, 20
  });

  it('rounds to float32 once, at the end', () => {
    const one = { tree: tree(1), examples: 1 };
    const parts = Array.from({ length: 100 }, () => one);
    expect(average(100, ...parts)[0]?.kernel.data[0]).to.equal(1); // rounded at each addition: 0.9999993
  });

  it('adds any number of trees, each in its place', () => {
    for (let count = 1; count <= 9; count += 1) {
      const parts = Array.from({ length: count }, (_, k) => ({ tree: tree(2 ** k, 3 ** k), examples: k + 1 }));
      const total = (count * (count + 1)) / 2;
      const weighted = (base: number) =>
        parts.reduce((sum, { examples }, k) => sum + (examples / total) * base ** k, 0);
      const [layer] = average(total, ...parts);
      expect([...(layer?.kernel.data ?? [])]).to.deep.equal([...Float32Array.of(weighted(2), weighted(3))]);
    }
  });

  it('refuses structures that differ, naming the place, and an average over nothing', () => {
    const mixed = [
      { tree: tree(1, 2), examples: 1 },
      { tree: tree(1), examples: 1 },
    ];
    expect(() => average(2, ...mixed)).to.throw(/"0\.kernel".*\[2\] and \[1\]/);
    expect(() => average(0, { tree: tree(1), examples: 0 })).to.throw(RangeError, /at least one example/);
    expect(() => average(0)).to.throw(RangeError, /at least one example/);
  });

  it('adds and subtracts', () => {
    expect([...(addTrees(tree(1, 2), tree(3, 5))[0]?.kernel.data ?? [])]).to.deep.equal([4, 7]);
    expect([...(subtractTrees(tree(1, 2), tree(3, 5))[0]?.kernel.data ?? [])]).to.deep.equal([-2, -3]);
  });
});
