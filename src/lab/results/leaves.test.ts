import { expect } from 'chai';
import { differingKeys, leavesOf, named } from './leaves.ts';

describe('named', () => {
  const settings = [
    { trainer: { name: 'sl', batchSize: 10, optimizer: { name: 'sgd', learningRate: 0.1 } }, data: { train: 10 } },
    { trainer: { name: 'fl', batchSize: 20, optimizer: { name: 'adam', learningRate: 0.2 } }, data: { train: 10 } },
  ].map((value) => leavesOf(value));

  it('says what differs, in the last words of its path, and a name for what it names', () => {
    expect(settings.map((own) => named(own, differingKeys(settings)))).to.deep.equal([
      ['trainer sl', 'batchSize 10', 'optimizer sgd', 'learningRate 0.1'],
      ['trainer fl', 'batchSize 20', 'optimizer adam', 'learningRate 0.2'],
    ]);
  });

  it('keeps as many words as tell two paths apart', () => {
    const [own, other] = [leavesOf({ a: { x: 1, y: 2 }, b: { x: 3 } }), leavesOf({ a: { x: 2, y: 3 }, b: { x: 4 } })];
    expect(named(own, differingKeys([own, other]))).to.deep.equal(['a.x 1', 'y 2', 'b.x 3']);
  });

  it('takes a list as one value, an empty one, too', () => {
    const all = [leavesOf({ rounds: [1, 2] }), leavesOf({ rounds: [] })];
    expect(all.map((own) => named(own, differingKeys(all)))).to.deep.equal([['rounds [1,2]'], ['rounds []']]);
  });
});
