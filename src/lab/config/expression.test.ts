import { expect } from 'chai';
import { evaluateList, evaluateNumber, looksLikeExpression } from './expression.ts';

describe('expressions', () => {
  it('are of numbers', () => {
    const cases = { '2^-3': 0.125, '-1/4': -0.25, 'sqrt(2) / 2': Math.SQRT1_2, '2 * pi': 2 * Math.PI, 'log2(8)': 3 };
    for (const [text, value] of Object.entries(cases)) {
      expect(looksLikeExpression(text), text).to.equal(true);
      expect(evaluateNumber(text), text).to.be.closeTo(value, 1e-11);
    }
  });

  it('are what the number is that one would write', () => {
    expect(evaluateNumber('10^-5')).to.equal(1e-5);
    expect(evaluateNumber('3 * 0.1')).to.equal(0.3);
  });

  it('are of lists, with both ends, and without the digits of rounding', () => {
    expect(evaluateList('1:4')).to.deep.equal([1, 2, 3, 4]);
    expect(evaluateList('0:0.1:0.4')).to.deep.equal([0, 0.1, 0.2, 0.3, 0.4]);
    expect(evaluateList('linspace(0, 1, 11)')).to.deep.equal([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(evaluateList('logspace(-1, 1, 5)')).to.deep.equal([0.1, 0.316227766017, 1, 3.16227766017, 10]);
    expect(evaluateList('[1, 2^4]')).to.deep.equal([1, 16]);
    expect(evaluateList('0:0.3:1')).to.deep.equal([0, 0.3, 0.6, 0.9]);
    expect(evaluateList('3:-1:1')).to.deep.equal([3, 2, 1]);
    expect(evaluateList('2^2:6/2+3')).to.deep.equal([4, 5, 6]);
  });

  it('are not names', () => {
    for (const name of ['three', 'splitfed', 'iid', '12', 'lenet5']) expect(looksLikeExpression(name)).to.equal(false);
    expect(() => evaluateNumber('splitfed-v1')).to.throw(RangeError, /"splitfed" is not known; there are pi, e/);
  });

  it('are of no more values than anyone sweeps', () => {
    for (const text of ['1:1e9', '0:1e-9:1', 'linspace(0, 1, 1e8)', 'logspace(0, 1, 1e8)', '1:1/0']) {
      expect(() => evaluateList(text), text).to.throw(RangeError, /at most 10000 are allowed/);
    }
  });

  it('are nothing else that mathjs can do', () => {
    const others = [
      'a = 3',
      'import(1)',
      'parse("1+1")',
      '2 cm',
      '[1,2][1]',
      '1; 2',
      'f(x) = x^2',
      '{a: 1}',
      '2 > 1 ? 3 : 4',
    ];
    for (const text of others) expect(() => evaluateNumber(text), text).to.throw(RangeError);
    expect(() => evaluateNumber('[1, 2]')).to.throw(RangeError, /not one number/);
    expect(() => evaluateList('2^3')).to.throw(RangeError, /no list/);
    expect(() => evaluateList('[1, 2; 3, 4]')).to.throw(RangeError, /no list/);
    expect(() => evaluateList('2 * [1, 2]')).to.throw(RangeError, /a list stands by itself/);
    expect(() => evaluateList('1:0:3')).to.throw(RangeError, /the step not 0|at most/);
    expect(() => evaluateList('1:sqrt(-1)')).to.throw(RangeError, /must be numbers/);
    expect(() => evaluateNumber('sqrt(-1)')).to.throw(RangeError, /not one number/);
    for (const text of ['linspace(0, 1, 1)', 'linspace(0, 1)'])
      expect(() => evaluateList(text)).to.throw(RangeError, /at least 2/);
  });
});
