import { expect } from 'chai';
import { attackLabel } from './attack-label.ts';

describe('attackLabel', () => {
  const attack = (name: string, options: object, view = 'servers') => ({
    name,
    view,
    options: JSON.stringify(options),
  });

  it('is the name where no other attack has it with other options', () => {
    const own = attack('gan-inversion', { tv: 0.01 });
    expect(attackLabel(own, [own, attack('deep-leakage', { tv: 0.1 }), own])).to.equal('gan-inversion');
  });

  it('says what differs from others of that name, also what only some have', () => {
    const all = [
      attack('gan-inversion', { tv: 0.01, victims: 4 }),
      attack('gan-inversion', { tv: 0.1, victims: 4, restarts: 3 }),
    ];
    expect(all.map((own) => attackLabel(own, all))).to.deep.equal([
      'gan-inversion tv 0.01',
      'gan-inversion tv 0.1 restarts 3',
    ]);
    const views = [attack('deep-leakage', {}), attack('deep-leakage', {}, 'client')];
    expect(views.map((own) => attackLabel(own, views))).to.deep.equal([
      'deep-leakage view servers',
      'deep-leakage view client',
    ]);
  });
});
