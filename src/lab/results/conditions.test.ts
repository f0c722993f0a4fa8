import { expect } from 'chai';
import { areSame, conditionsOf } from './conditions.ts';

describe('conditions of a result', () => {
  const asked = { engine: 'onnx', threads: 1, noise: 'seeded' } as const;

  it('tell devices apart, and name the processor by nothing, as ever', () => {
    const processor = conditionsOf(asked);
    expect(processor).not.to.have.property('device');
    expect(conditionsOf({ ...asked, device: 'cpu' })).to.deep.equal(processor);
    const other = conditionsOf({ ...asked, device: 'cuda' });
    expect(other.device).to.equal('cuda');
    expect(areSame(other, processor)).to.equal(false);
    expect(areSame(other, conditionsOf({ ...asked, device: 'cuda' }))).to.equal(true);
  });

  it('do not depend on where data files lie', () => {
    expect(areSame(conditionsOf({ ...asked, dataDir: '/a' }), conditionsOf({ ...asked, dataDir: '/b' }))).to.equal(
      true,
    );
  });
});
