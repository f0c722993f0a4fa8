import { expect } from 'chai';
import type { PluginConfig } from '../../../contracts/experiment.ts';
import { madeConfig } from '../../testing/made-config.ts';
import type { Configuration } from '../study.ts';
import { byStrength } from './strength.ts';

const configuration = (...defenses: PluginConfig[]) =>
  ({ config: { ...madeConfig, defenses } }) as unknown as Configuration;
const infinite = Number.POSITIVE_INFINITY;

describe('byStrength', () => {
  it('goes from no defense over falling ε and rising noise, each kind together', () => {
    const none = configuration();
    const pixeldp = (epsilon: number) => configuration({ name: 'pixeldp', epsilon });
    const sgd = (noiseMultiplier: number) => configuration({ name: 'dp-sgd', noiseMultiplier });
    const [one, five, off, weak, strong] = [pixeldp(1), pixeldp(5), pixeldp(infinite), sgd(0.5), sgd(2)];
    expect(byStrength([one, strong, five, none, off, weak])).to.deep.equal([none, off, five, one, weak, strong]);
  });

  it('keeps the order of the plan where options tell nothing', () => {
    const [first, second] = [configuration({ name: 'a', layer: 9 }), configuration({ name: 'a', layer: 2 })];
    expect(byStrength([first, second])).to.deep.equal([first, second]);
  });
});
