import { expect } from 'chai';
import { optionSchema } from './option-schema.ts';

describe('an option that is a list of numbers', () => {
  const schema = optionSchema({ type: 'numbers', above: 0, description: '' });
  const refusal = (given: unknown) => schema.safeParse(given).error?.issues[0]?.message;

  it('may be left out, and is taken as it is', () => {
    expect(schema.parse([0.5, 1, 2])).to.deep.equal([0.5, 1, 2]);
    expect(schema.parse(undefined)).to.equal(undefined);
  });

  for (const given of [[], [1, 0], [1, Number.POSITIVE_INFINITY], [1, '2'], 3, 'x', { 0: 1 }]) {
    it(`is not ${JSON.stringify(given)}`, () => {
      expect(refusal(given)).to.match(/^must be a list of numbers above 0, but is /);
    });
  }
});
