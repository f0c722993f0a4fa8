import { expect } from 'chai';
import { missingControls } from './controls.ts';
import { madeAttack, madeConfig } from './testing/made-config.ts';

describe('missingControls', () => {
  const noise = [{ name: 'pixeldp', epsilon: 2 }];
  const attacks = [madeAttack];

  it('names runs whose attack is made on no undefended victim of the same configuration and seed', () => {
    const alone = [
      { ...madeConfig, attacks, seed: 1 },
      { ...madeConfig, attacks, defenses: noise, seed: 1 },
      { ...madeConfig, attacks, defenses: noise, seed: 2 }, // its control is of another seed
    ];
    const [warning, ...others] = missingControls(alone);
    expect(warning).to.match(/^control_ok stays empty for 1 of 3 runs: /);
    expect(others).to.deep.equal([]);
  });

  it('has nothing to say where each has its control, or nothing attacks', () => {
    expect(
      missingControls([
        { ...madeConfig, attacks, defenses: noise },
        { ...madeConfig, attacks },
      ]),
    ).to.deep.equal([]);
    expect(missingControls([{ ...madeConfig, attacks: [], defenses: noise }])).to.deep.equal([]);
  });
});
