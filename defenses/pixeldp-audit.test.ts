/** The noise layer under its worst-pair audit: what it releases must not prove more than it claims. */

import { expect } from 'chai';
import { seededRng } from '../src/arrays/rng.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { auditSampler, diracWeights, noiseLayerSampler } from '../src/lab/audit/index.ts';
import { lenet5 } from '../src/models/zoo/lenet5.ts';
import { pixeldp } from './pixeldp.ts';

const inputShape = [12, 12, 1] as const;
const site: DefenseSite = { cut: 3, inputShape, batchSize: 4, clients: [], delta: 1e-5 };

async function audited(given: OptionValues, noiseShare = 1) {
  const defaults = Object.entries(pixeldp.options).map(([name, option]) => [name, option.default]);
  const defense = pixeldp.create({ ...Object.fromEntries(defaults), ...given }, site);
  const distance = Number(given['distance']);
  const claim = defense.activationRelease?.(distance * noiseShare);
  const inputNorm = defense.activationNorm;
  const layers = defense.protectLayers?.(lenet5.build({ inputShape, classes: 10 }).layers.slice(0, 3));
  if (!claim || !layers) throw new Error('pixeldp makes no claim');
  const rng = seededRng(4);
  const weights = diracWeights(layers, inputShape, rng);
  const sampler = await noiseLayerSampler({ layers, inputShape, weights, claim, distance, inputNorm, rng });
  return auditSampler(sampler, { trials: 2000, delta: 0.05, confidence: 0.99, rng: rng.fork('draws') });
}

describe('pixeldp under audit', () => {
  for (const noise of ['laplace', 'gaussian'] as const) {
    for (const sensitivity of ['normalized', 'orthonormal', 'bound'] as const) {
      it(`${noise}, ${sensitivity}: the worst pair proves no more than the claim, and not nothing`, async () => {
        const { claimed, audit, check } = await audited({ noise, sensitivity, epsilon: 3, distance: 0.2 });
        expect(check.ok).to.equal(true);
        expect(audit.epsilon).to.be.within(claimed / 3, claimed);
      });
    }

    it(`${noise}, clip: inputs far apart, whose clipped outputs are 2C apart, prove no more than the claim`, async () => {
      const { claimed, audit, check } = await audited({ noise, sensitivity: 'clip', epsilon: 3, distance: 1000 });
      expect(check.ok).to.equal(true); // with noise for outputs C apart it would be false
      expect(audit.epsilon).to.be.within(claimed / 3, claimed);
    });

    it(`${noise}: a claim for two thirds of the distance is refuted`, async () => {
      const { gaussian, check } = await audited({ noise, sensitivity: 'normalized', epsilon: 3, distance: 0.2 }, 2 / 3);
      expect(gaussian?.check.ok ?? check.ok).to.equal(false);
    });
  }

  for (const inputNorm of ['l1', 'linf'] as const) {
    const given = { noise: 'gaussian', inputNorm, epsilon: 3, distance: 0.2 } as const;
    for (const sensitivity of ['normalized', 'orthonormal', 'bound'] as const) {
      it(`gaussian for inputs in ${inputNorm}, ${sensitivity}: the worst pair proves no more than the claim, and not nothing`, async () => {
        const { claimed, audit, gaussian, check } = await audited({ ...given, sensitivity });
        expect(check.ok && gaussian?.check.ok).to.equal(true);
        expect(audit.epsilon).to.be.within(claimed / 3, claimed);
      });
    }

    it(`gaussian for inputs in ${inputNorm}: a claim for two thirds of the distance is refuted`, async () => {
      const { gaussian } = await audited({ ...given, sensitivity: 'normalized' }, 2 / 3);
      expect(gaussian?.check.ok).to.equal(false);
    });
  }
});
