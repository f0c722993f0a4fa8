import { expect } from 'chai';
import { differencesBySeed, holm, pairedT, signFlip } from './paired.ts';

// Hours of sleep gained by ten patients under two drugs (Student 1908, page 20).
const dextro = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const laevo = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
// Crossed minus self-fertilized plants of Darwin, in eighths of an inch (Fisher 1935, The Design of Experiments, §17).
const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

describe('pairedT', () => {
  it('agrees with Student’s sleep data', () => {
    const test = pairedT(dextro.map((value, i) => value - (laevo[i] as number)));
    expect(test?.n).to.equal(10);
    expect(test?.difference).to.be.closeTo(-1.58, 1e-12);
    expect(test?.t).to.be.closeTo(-4.06212768, 1e-7);
    expect(test?.p).to.be.closeTo(0.00283289, 1e-8);
    expect(test?.low).to.be.closeTo(-2.4598858, 1e-7);
    expect(test?.high).to.be.closeTo(-0.7001142, 1e-7);
  });

  it('says nothing of one difference, nor of several without spread', () => {
    expect(pairedT([3])).to.equal(undefined);
    expect(pairedT([2, 2, 2])).to.equal(undefined);
    expect(pairedT([0.1, 0.1, 0.3 - 0.2])).to.equal(undefined);
    expect(pairedT([0, 0, 0])?.p).to.equal(1);
  });

  it('compares the seeds that both have', () => {
    const a = new Map([
      [1, 5],
      [2, 6],
      [4, 9],
    ]);
    const b = new Map([
      [4, 1],
      [1, 3],
      [7, 0],
    ]);
    expect(differencesBySeed(a, b)).to.deep.equal([2, 8]);
  });
});

describe('signFlip', () => {
  it('agrees with Fisher on Darwin’s plants: 863 of 32,768 patterns on each side', () => {
    expect(signFlip(darwin)).to.equal((2 * 863) / 2 ** 15);
  });

  it('counts sums that differ by rounding as equal', () => {
    expect(signFlip([0.1, 0.2, 0.3])).to.equal(2 / 8);
    expect(signFlip([0.1, 0.2, 0.3].map((value) => value - 0.2 + 1e-17))).to.equal(1);
  });

  it('cannot be exact for many, and says nothing of one', () => {
    expect(signFlip([1])).to.equal(undefined);
    expect(signFlip(Array<number>(21).fill(1))).to.equal(undefined);
  });
});

describe('holm', () => {
  it('steps down, and keeps the order of the p-values', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).to.deep.equal([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.9, 0.8])).to.deep.equal([1, 1]);
    expect(holm([])).to.deep.equal([]);
  });
});
