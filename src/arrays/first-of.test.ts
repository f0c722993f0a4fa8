import { expect } from 'chai';
import { firstOf } from './first-of.ts';

describe('firstOf', () => {
  it('names all where they are few, and none of none', () => {
    expect(firstOf(['a', 'b'], { most: 2 })).to.equal('a; b');
    expect(firstOf([], { most: 2 })).to.equal('');
  });

  it('counts those beyond, and says where they are', () => {
    expect(firstOf(['a', 'b', 'c', 'd'], { most: 2 })).to.equal('a; b; and 2 more');
    expect(firstOf(['a', 'b', 'c'], { most: 2, rest: 'in the table below' })).to.equal(
      'a; b; and 1 more, in the table below',
    );
  });
});
