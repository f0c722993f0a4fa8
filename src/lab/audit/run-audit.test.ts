import { expect } from 'chai';
import { pixeldp } from '../../../defenses/pixeldp.ts';
import { seededRng } from '../../arrays/rng.ts';
import type { DefenseSite } from '../../contracts/defense.ts';
import { initWeights } from '../../models/network.ts';
import { lenet5 } from '../../models/zoo/lenet5.ts';
import type { Setup } from '../setup.ts';
import { auditRun } from './run-audit.ts';

const inputShape = [12, 12, 1] as const;
const site: DefenseSite = { cut: 1, inputShape, batchSize: 4, clients: [], delta: 1e-5 };

/** As much of a run's setup as its audit looks at: pixeldp on the first layer, and a ledger at distance 0.2. */
function setupWith(given: Readonly<Record<string, string | number>>): Setup {
  const defaults = Object.entries(pixeldp.options).map(([name, option]) => [name, option.default]);
  const defense = pixeldp.create({ ...Object.fromEntries(defaults), epsilon: 3, distance: 0.2, ...given }, site);
  const plain = lenet5.build({ inputShape, classes: 10 });
  const model = { ...plain, layers: defense.protectLayers?.(plain.layers) ?? [] };
  const config = { ledger: { delta: 1e-5, distance: 0.2 } };
  return { config, model, cut: 1, defenses: [defense], rng: seededRng(1) } as unknown as Setup;
}

describe('the audit of a run', () => {
  for (const [given, words] of [
    [{}, 'L1 distance 0.2'],
    [{ noise: 'gaussian' }, 'L2 distance 0.2'],
    [{ noise: 'gaussian', inputNorm: 'l1' }, 'L1 distance 0.2'],
    [{ noise: 'gaussian', inputNorm: 'linf' }, 'L∞ distance 0.2'],
  ] as const) {
    it(`searches two inputs at ${words} for ${JSON.stringify(given)}`, async () => {
      const setup = setupWith(given);
      const weights = initWeights(setup.model, seededRng(2));
      const records = await auditRun(setup, weights, { trials: 400, delta: 0.05, confidence: 0.99 });
      expect(records).to.have.length(1);
      expect(records[0]?.mechanism).to.contain(words);
      expect(records[0]).to.include({ ok: true });
    });
  }
});
