/** The transform against its definition. */

import { expect } from 'chai';
import { forward, inverse } from './fft.ts';

const values = (n: number) => Float64Array.from({ length: n }, (_, j) => Math.sin(3 * j + 1) + (j % 3));

describe('fft', () => {
  for (const n of [8, 16, 64, 512]) {
    it(`of ${n} numbers is the sum that defines it`, () => {
      const x = values(n);
      const { re, im } = forward(x);
      expect(re).to.have.length(n / 2 + 1);
      for (let k = 0; k <= n / 2; k++) {
        const angle = (j: number) => (2 * Math.PI * j * k) / n;
        expect(re[k]).to.be.closeTo(
          x.reduce((sum, v, j) => sum + v * Math.cos(angle(j)), 0),
          1e-11,
        );
        expect(im[k]).to.be.closeTo(
          x.reduce((sum, v, j) => sum - v * Math.sin(angle(j)), 0),
          1e-11,
        );
      }
    });
  }

  it('comes back, to a few roundings', () => {
    const x = values(4096);
    const back = inverse(forward(x));
    for (let j = 0; j < x.length; j++) expect(back[j]).to.be.closeTo(x[j], 4e-15);
  });
});
