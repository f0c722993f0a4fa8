import { expect } from 'chai';
import { ndarray } from '../../src/arrays/ndarray.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Tensor } from '../../src/compile/tf.ts';
import type { NdArray } from '../../src/contracts/array.ts';
import { totalVariation } from './total-variation.ts';

const run = compile('total variation', ({ x }: { readonly x: Tensor }) => totalVariation(x));
const of = async (x: NdArray) => (await run({ x })).data[0] as number;

describe('totalVariation', () => {
  it('is twice the mean squared step down plus twice that across', async () => {
    const x = ndarray([1, 2, 3, 1], [0, 1, 3, 5, 1, 0]);
    const down = (25 + 0 + 9) / 3;
    const across = (1 + 4 + 16 + 1) / 4;
    expect(await of(x)).to.be.closeTo(2 * (down + across), 1e-5); // means of their own: there are 3 and 4 steps
  });

  it('is that of one image for a batch of the same, and never crosses from one image or channel to the next', async () => {
    const x = ndarray([1, 1, 2, 2], [0, 5, 0, 5]); // channels differ, neighbours don't
    expect(await of(x)).to.equal(0);
    const batch = ndarray([2, 1, 2, 1], [0, 0, 5, 5]);
    expect(await of(batch)).to.equal(0);
  });
});
