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
    { what: 'an array where nothing was', before: [a, undefined], inputs: [a, b] },
    { what: 'an array in the gap of a list', before: gap, inputs: [a, c, b] },
    { what: 'a list for a record', before: { 0: a }, inputs: [a] },
    { what: 'another shape', before: { a }, inputs: { a: ndarray([1, 1], [4]) } },
  ];
  for (const { what, before, inputs } of pairs) {
    it(`sees ${what}`, () => {
      const flatten = inputFlattener('after others');
      flatten(before);
      const { leaves, paths } = flatten(inputs);
      const alone = inputFlattener('alone')(inputs);
      const byPath = (names: readonly string[], arrays: readonly NdArray[]) =>
        Object.fromEntries(names.map((name, index) => [name, arrays[index]]));
      expect(byPath(paths, leaves)).to.deep.equal(byPath(alone.paths, alone.leaves));
    });
  }

  it('takes more forms in turns than it knows again', () => {
    const flatten = inputFlattener('in turns');
    const arrays = Array.from({ length: 6 }, (_, index) => ndarray([index + 1], Array(index + 1).fill(index)));
    for (const array of [...arrays, ...arrays, ...arrays.toReversed()]) {
      expect(flatten({ a, b: array })).to.deep.include({ leaves: [a, array], key: `a:1|b:${array.data.length}` });
    }
  });

  it('refuses what is no array in the place of an undefined key', () => {
    const flatten = inputFlattener('strict');
    flatten({ a, b: undefined });
    expect(() => flatten({ a, c: 'nonsense' })).to.throw(TypeError, '"strict": input "c" must be an array');
  });
});
