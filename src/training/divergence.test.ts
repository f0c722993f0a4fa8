import { expect } from 'chai';
import type { GradientRule } from '../contracts/defense.ts';
import type { Layer, Model } from '../contracts/model.ts';
import { divergence } from './divergence.ts';
import type { TrainingTask } from './task.ts';

/** Of what the message looks at. */
function task({ layers = [], rule }: { layers?: Partial<Layer>[]; rule?: Partial<GradientRule> }) {
  const trainer = { optimizer: { name: 'sgd', learningRate: 0.5, state: 'reset' } } as TrainingTask['trainer'];
  return { trainer, model: { layers } as unknown as Model, gradientRule: rule as GradientRule | undefined };
}

const message = (of: Parameters<typeof task>[0]) => divergence(Number.NaN, 3, task(of)).message;

describe('divergence', () => {
  it('advises a lower learning rate, and says nothing of noise where there is none', () => {
    for (const without of [
      {},
      { rule: { noiseMultiplier: 0, clipNorm: 1 } },
      { layers: [{ label: 'dropout', noiseAt: 'training' as const }] },
    ]) {
      expect(message(without)).to.equal(
        'training diverged: the loss is NaN in round 3. Lower trainer.optimizer.learningRate (0.5 with sgd), or take optimizer adam.',
      );
    }
  });

  it('names the noise and its scale where there is some', () => {
    expect(message({ rule: { noiseMultiplier: 900, clipNorm: 2 } })).to.match(
      /noise may be too strong \(on gradients, noiseMultiplier 900 · clipNorm 2\): take less/,
    );
    expect(message({ layers: [{ label: 'conv2d, noisy', noiseAt: 'always' }] })).to.match(
      /\(in the layer conv2d, noisy\)/,
    );
  });
});
