/** Against a noise layer of scale 0 every gradient attack does, bit for bit, what it does against a client without one. */

import { expect } from 'chai';
import { pixeldp } from '../defenses/pixeldp.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { AttackOnView, Reconstruction, ViewName } from '../src/contracts/attack.ts';
import type { Model } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { observe } from '../src/training/testing/observed.ts';
import { blobs, smallModel } from '../src/training/testing/small-task.ts';
import { deepLeakage } from './deep-leakage.ts';
import { ganInversion } from './gan-inversion.ts';
import { withDefaults } from './testing/defaults.ts';

const cheap: OptionValues = { batch: 2, iterations: 4, restarts: 1 };

/** The small model behind the noise layer of a pixeldp that is switched off. */
function switchedOff(): Model {
  const plain = smallModel();
  const site = { cut: 2, inputShape: plain.inputShape, batchSize: 2, clients: [], delta: 1e-5 };
  const { protectLayers } = pixeldp.create(withDefaults(pixeldp, { epsilon: Number.POSITIVE_INFINITY }), site);
  return { ...plain, layers: protectLayers?.(plain.layers) ?? [] };
}

describe('gradient attacks against noise of scale 0', () => {
  for (const [entry, given] of [
    [ganInversion, {}],
    [deepLeakage, { optimizer: 'adam' }],
    [deepLeakage, { optimizer: 'l-bfgs' }],
  ] as const) {
    async function attacked(model: Model, noise: string): Promise<readonly Reconstruction[]> {
      const scene = { cut: 2, view: 'servers', data: blobs(8, 'train'), batches: [[0, 1]] } as const;
      const seen = await observe<ViewName>({ ...scene, model });
      const options = withDefaults(entry, { ...cheap, ...given, noise });
      const attack = entry.create(options, 'servers') as AttackOnView<ViewName>;
      return attack.run(seen.observations, seen.knowledge, { rng: seededRng(4), progress: () => {} });
    }

    const name = [entry.name, ...Object.values(given)].join(' by ');
    it(`${name} finds the same as against none, however it handles noise`, async () => {
      const undefended = await attacked(smallModel(), 'ignore');
      for (const noise of ['joint', 'ignore', 'average']) {
        expect(await attacked(switchedOff(), noise), noise).to.deep.equal(undefended);
      }
    });
  }
});
