import { expect } from 'chai';
import fc from 'fast-check';
import { shown, shownDown, shownUp } from './account-text.ts';

describe('figures of accountants in words', () => {
  it('are rounded to the safe side, by one in the sixth digit at most', () => {
    const positive = fc.double({ min: 1e-30, max: 1e30, noNaN: true });
    fc.assert(
      fc.property(positive, (value) => {
        const [up, down] = [Number(shownUp(value)), Number(shownDown(value))];
        expect(up)
          .to.be.at.least(value)
          .and.at.most(value * (1 + 1.001e-5));
        expect(down)
          .to.be.at.most(value)
          .and.at.least(value * (1 - 1.001e-5));
      }),
    );
    expect(['0.959253', '2', '0.00001']).to.deep.equal([0.9592529532280726, 2, 1e-5].map(shownUp));
    expect([shownUp(0.9592535), shownUp(1.0000001), shownDown(1.9999999)]).to.deep.equal([
      '0.959254',
      '1.00001',
      '1.99999',
    ]);
  });

  it('have a sign for ∞, and stay 0', () => {
    for (const write of [shown, shownUp, shownDown]) {
      expect(write(Number.POSITIVE_INFINITY)).to.equal('∞');
      expect(write(0)).to.equal('0');
    }
  });
});
