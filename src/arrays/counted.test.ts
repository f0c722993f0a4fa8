import { expect } from 'chai';
import { counted } from './counted.ts';

describe('counted', () => {
  it('takes the singular for 1 only', () => {
    expect([0, 0.5, 1, 2].map((count) => counted(count, 'run'))).to.deep.equal([
      '0 runs',
      '0.5 runs',
      '1 run',
      '2 runs',
    ]);
    expect([1, 2].map((count) => counted(count, 'pass', 'passes'))).to.deep.equal(['1 pass', '2 passes']);
  });
});
