/** Virtual steps: a lot that goes through the network in parts has the sum of the lot in one, whatever layers there are. */

import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import type { Shape } from '../contracts/array.ts';
import type { Clipping } from '../contracts/defense.ts';
import type { Layer, Model } from '../contracts/model.ts';
import * as catalogue from '../models/layers/index.ts';
import { normalized } from '../models/normalized.ts';
import { orthonormalized } from '../models/orthonormal.ts';
import { clientStep, minus, normOf, range } from './testing/client-step.ts';

const { avgPool, batchNorm, conv2d, convTranspose2d, dense, dropout, flatten, maxPool, tanh, upsample } = catalogue;

/** Of each kind one; whatever a kind of layer takes no options for stands for itself. */
const kinds: Readonly<Record<string, Layer>> = {
  avgPool: avgPool(),
  batchNorm: batchNorm(),
  conv2d: conv2d({ filters: 2, kernel: 3 }),
  convTranspose2d: convTranspose2d({ filters: 2, kernel: 3, stride: 2 }),
  dense: dense({ units: 3 }),
  dropout: dropout({ rate: 0.5 }),
  elu: catalogue.elu(),
  flatten: flatten(),
  leakyRelu: catalogue.leakyRelu(),
  maxPool: maxPool(),
  relu: catalogue.relu(),
  sigmoid: catalogue.sigmoid(),
  silu: catalogue.silu(),
  softplus: catalogue.softplus(),
  tanh: tanh(),
  upsample: upsample(),
};

const hasParameters = (layer: Layer, inputShape: Shape) =>
  Object.keys(layer.init(seededRng(1), inputShape).params).length > 0;

describe('the kinds of layers', () => {
  it('are all known to the tests of DP-SGD', () => {
    expect(Object.keys(kinds).sort()).to.deep.equal(Object.keys(catalogue).sort());
  });

  for (const [name, layer] of Object.entries(kinds)) {
    it(`${name} has norms in closed form, or mixes examples, or has no parameters`, () => {
      const inputShape = name === 'dense' ? [32] : [4, 4, 2];
      const covered = layer.squaredGradientNorms !== undefined || layer.mixesExamples === true;
      expect(covered).to.equal(hasParameters(layer, inputShape));
    });
  }
});

const pair = { from: 'l2', to: 'l2' } as const;

/** All layers with parameters and norms of their own, with pooling and activations between them; 10 layers, all but one on the client. */
const model: Model = {
  name: 'every-kind',
  inputShape: [8, 8, 1],
  classes: 3,
  layers: [
    conv2d({ filters: 3, kernel: 3, stride: 2 }),
    tanh(),
    convTranspose2d({ filters: 2, kernel: 3, stride: 2 }),
    maxPool(),
    normalized({ layer: conv2d({ filters: 2, kernel: 2, padding: 'valid' }), inputShape: [4, 4, 2], pair }),
    upsample(),
    avgPool(),
    flatten(),
    orthonormalized({ layer: dense({ units: 5 }), inputShape: [18], pair }),
    dense({ units: 3 }),
  ],
};

const clippings: readonly Clipping[] = [
  { kind: 'flat' },
  { kind: 'per-layer', proportions: [1, 0.5, 2, 0.2] },
  { kind: 'automatic', stabilizer: 0.01 },
  { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 1e-9 },
];

describe('virtual steps through every kind of layer', () => {
  for (const clipping of clippings) {
    it(`${clipping.kind}: parts of 1, 7 and 41 examples sum to the lot of 100 in one`, async () => {
      const lot = { indices: range(0, 100), cut: 9, model };
      const rule = { clipNorm: 0.2, noiseMultiplier: 0, clipping };
      const whole = await clientStep({ ...lot, rule: { ...rule, microbatch: 100 } });
      for (const microbatch of [1, 7, 41]) {
        const parts = await clientStep({ ...lot, rule: { ...rule, microbatch } });
        // Sums of 100 float32 values in another order, on parameters of which the step is a difference.
        expect(normOf(minus(parts.move, whole.move)) / normOf(whole.move), `${microbatch}`).to.be.below(2e-6);
        expect(parts.clipNorm ?? 0).to.be.closeTo(whole.clipNorm ?? 0, 1e-12);
      }
    });
  }

  for (const onLattice of [false, true]) {
    it(`with noise${onLattice ? ' on the lattice' : ''}: the same where the lot is one part, all in one graph`, async () => {
      const lot = { indices: range(0, 40), cut: 9, model };
      const rule = { clipNorm: 0.2, noiseMultiplier: 0.5, onLattice };
      const whole = await clientStep({ ...lot, rule: { ...rule, microbatch: 40 } });
      const parts = await clientStep({ ...lot, rule: { ...rule, microbatch: 20 } });
      // Rounding to the lattice may fall to either side: by a step of 0.1 · 2⁻¹⁸, a millionth of the clipping norm.
      expect(normOf(minus(parts.move, whole.move)) / normOf(whole.move)).to.be.below(1e-5);
      const other = await clientStep({ ...lot, seed: 2, rule: { ...rule, microbatch: 40 } });
      expect(normOf(minus(other.move, whole.move)) / normOf(whole.move)).to.be.above(0.1);
    });
  }
});
