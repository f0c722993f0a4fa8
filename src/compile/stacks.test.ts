import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { stacked, unstacked } from './stacks.ts';

describe('stacked', () => {
  const arrays = [0, 1, 2].map((i) => ndarray([2], [i, 10 * i]));

  it('puts the arrays of calls under each other, and unstacked takes them apart', () => {
    const stack = stacked(arrays);
    expect(stack.shape).to.deep.equal([3, 2]);
    expect([...stack.data]).to.deep.equal([0, 0, 1, 10, 2, 20]);
    expect(unstacked(stack)).to.deep.equal(arrays);
  });

  it('copies no parts of one array that stand in their order', () => {
    const { data } = stacked(arrays);
    const parts = unstacked({ shape: [3, 2], data });
    expect(stacked(parts).data.buffer).to.equal(data.buffer);
    expect(stacked(parts).data).to.equal(stacked(parts).data);
    expect([...stacked(parts.slice(1)).data]).to.deep.equal([1, 10, 2, 20]);
    expect([...stacked(parts.toReversed()).data]).to.deep.equal([2, 20, 1, 10, 0, 0]);
  });

  it('stacks the same arrays once', () => {
    expect(stacked(arrays).data).to.equal(stacked(arrays).data);
    const other = ndarray([2], [7, 8]);
    expect([...stacked([...arrays.slice(0, 2), other]).data]).to.deep.equal([0, 0, 1, 10, 7, 8]);
  });

  it('hands out copies where parts that are kept would keep too much', () => {
    const calls = 8;
    const large = ndarray([calls, 2 ** 21], new Float32Array(calls * 2 ** 21).fill(1));
    for (const { data } of unstacked(large)) expect(data.buffer.byteLength).to.equal(4 * 2 ** 21);
  });
});
