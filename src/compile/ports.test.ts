import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';
import { inputFlattener } from './ports.ts';

const [a, b, c] = [1, 2, 3].map((value) => ndarray([1], [value])) as [NdArray, NdArray, NdArray];

const gap = [a];
gap[2] = b;

describe('inputFlattener', () => {
  /** What comes after other inputs is taken apart as it is alone. */
  const pairs: readonly { readonly what: string; readonly before: unknown; readonly inputs: unknown }[] = [
    { what: 'another key in the place of an undefined one', before: { a, b: undefined }, inputs: { a, c } },
    { what: 'an undefined key in the place of another', before: { a, c }, inputs: { a, b: undefined } },
    { what: 'a key more', before: { a }, inputs: { a, b } },
    { what: 'a key less', before: { a, b }, inputs: { a } },
    { what: 'another order of keys', before: { a, b }, inputs: { b, a } },
    { what: 'another order of keys below', before: [{ a, b }], inputs: [{ b, a }] },
    { what: 'an undefined key more', before: { a }, inputs: { a, b: undefined } },
    { what: 'an undefined key less', before: { a, b: undefined }, inputs: { a } },
    { what: 'an undefined element more', before: [a], inputs: [a, undefined] },
    { what: 'an undefined element less', before: [a, undefined], inputs: [a] },
    { what: 'a list in a list', before: [a, b], inputs: [a, [b]] },
    { what: 'an empty list for an empty record', before: [a, {}], inputs: [a, []] },
    { what: 'an empty list for nothing', before: [a, undefined], inputs: [a, []] },
    { what: 'a record for a key with a dot', before: { 'a.b': a }, inputs: { a: { b: a } } },
    { what: 'two keys for one that looks like them', before: { 'a":(1),"b': a }, inputs: { a, b: a } },
    { what: 'an array where nothing was', before: [a, undefined], inputs: [a, b] },
    { what: 'an array in the gap of a list', before: gap, inputs: [a, c, b] },
    { what: 'a list for a record', before: { 0: a }, inputs: [a] },
    { what: 'a record for a list', before: [a], inputs: { 0: a } },
    { what: 'another shape', before: { a }, inputs: { a: ndarray([1, 1], [4]) } },
  ];
  for (const { what, before, inputs } of pairs) {
    it(`sees ${what}`, () => {
      const flatten = inputFlattener('after others');
      flatten(before);
      const after = flatten(inputs);
      expect(after).to.deep.equal(inputFlattener('alone')(inputs));
      expect(after.key).not.to.equal(inputFlattener('before')(before).key);
    });
  }

  it('takes more forms in turns than it knows again', () => {
    const flatten = inputFlattener('in turns');
    const arrays = Array.from({ length: 6 }, (_, index) => ndarray([index + 1], Array(index + 1).fill(index)));
    for (const array of [...arrays, ...arrays, ...arrays.toReversed()]) {
      expect(flatten({ a, b: array })).to.deep.include({
        leaves: [a, array],
        key: `{"a":(1),"b":(${array.data.length})}`,
      });
    }
  });

  it('refuses what is no array in the place of an undefined key', () => {
    const flatten = inputFlattener('strict');
    flatten({ a, b: undefined });
    expect(() => flatten({ a, c: 'nonsense' })).to.throw(TypeError, '"strict": input "c" must be an array');
  });
});
