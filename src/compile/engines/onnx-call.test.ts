import { expect } from 'chai';
import { ndarray } from '../../arrays/ndarray.ts';
import type { NdArray } from '../../contracts/array.ts';
import { type Call, onceFor } from './onnx-call.ts';

describe('onceFor', () => {
  const array = (value: number) => ndarray([1], [value]);
  const [a, b, c] = [1, 2, 3].map(array);

  /** Which arrays it was called with. */
  function recorded(fails = false) {
    const calls: (readonly NdArray[])[] = [];
    const call: Call = async (inputs) => {
      calls.push(inputs);
      if (fails && calls.length === 1) throw new Error('the first fails');
      return {};
    };
    return { calls, once: onceFor(call, { needed: [true, false, true] }) };
  }

  it('calls once for the same arrays, whatever the others are', async () => {
    const { calls, once } = recorded();
    const first = await once([a, b, c]);
    expect(await once([a, c, c])).to.equal(first);
    expect(calls).to.have.length(1);
  });

  it('calls again for others, and knows those of several callers in turn', async () => {
    const { calls, once } = recorded();
    for (let round = 0; round < 3; round += 1) for (const own of [a, b]) await once([own, own, c]);
    expect(calls).to.have.length(2);
    await once([a, a, b]);
    expect(calls).to.have.length(3);
  });

  it('calls again after an error', async () => {
    const { calls, once } = recorded(true);
    expect(await once([a, b, c]).catch(({ message }) => message)).to.equal('the first fails');
    await once([a, b, c]);
    expect(calls).to.have.length(2);
  });
});
