import { expect } from 'chai';
import { median } from './median.ts';

describe('median', () => {
  it('is the middle one, or the mean of the two in the middle', () => {
    expect(median([30, 4, 10])).to.equal(10); // in the order of numbers, not of words
    expect(median([8, 1, 4, 2])).to.equal(3);
    expect(median([7])).to.equal(7);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).to.deep.equal([3, 1, 2]);
  });
});
