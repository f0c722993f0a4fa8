/** The noise layer where inputs are measured in another norm than the noise hides in. */

import { expect } from 'chai';
import { analyticGaussianMultiplier } from '../src/accounting/index.ts';
import { latticeFactor } from '../src/arrays/lattice.ts';
import { ndarray } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { Layer, NoiseNorm, Norm, Weights } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { noisyNetwork } from '../src/lab/audit/noisy-network.ts';
import { worstPair } from '../src/lab/audit/worst-pair.ts';
import { conv2d, dense, flatten, maxPool, relu } from '../src/models/layers/index.ts';
import { initWeights } from '../src/models/network.ts';
import { pixeldp } from './pixeldp.ts';

const inputShape = [8, 8, 1] as const;
const site: DefenseSite = { cut: 6, inputShape, batchSize: 4, clients: [], delta: 1e-5 };
const plain = () => [
  conv2d({ filters: 3, kernel: 3 }),
  relu(),
  maxPool(),
  conv2d({ filters: 2, kernel: 3, stride: 2 }),
  flatten(),
  dense({ units: 5 }),
];

function defenseOf(given: OptionValues, place: Partial<DefenseSite> = {}) {
  const defaults = Object.entries(pixeldp.options).map(([name, option]) => [name, option.default]);
  return pixeldp.create({ ...Object.fromEntries(defaults), ...given }, { ...site, ...place });
}

function protectedLayers(given: OptionValues, place: Partial<DefenseSite> = {}): readonly Layer[] {
  return defenseOf(given, place).protectLayers?.(plain()).slice(0, Number(given['layer'])) ?? [];
}

/** The scale of the noise as it comes out, behind the gain. */
async function scaleOf(layers: readonly Layer[], weights: Weights): Promise<number> {
  const network = noisyNetwork(layers, inputShape);
  const x = ndarray([1, ...inputShape], new Float32Array(64));
  const [silent, noisy] = [await network.at(weights, x, 0), await network.at(weights, x, 1)];
  return (noisy.data[0] as number) - (silent.data[0] as number);
}

/** Noise scale in units of the sensitivity, at ε = 2 and δ = 0.05. */
const multipliers = { l1: 1 / 2, l2: analyticGaussianMultiplier(2, 0.05) } as const;

/** The largest movement that was found ÷ the one that the noise is there for: at most 1. */
async function coverage(given: OptionValues, to: NoiseNorm): Promise<number> {
  const layers = protectedLayers(given);
  const rng = seededRng(5);
  const weights = initWeights({ layers, inputShape }, rng.fork('weights'));
  const distance = Number(given['distance']);
  const norms = { from: given['inputNorm'] as Norm, to };
  const { silent } = noisyNetwork(layers, inputShape);
  const { outputDistance } = await worstPair({ network: silent, weights, inputShape, norms, distance, rng });
  return outputDistance / ((await scaleOf(layers, weights)) / multipliers[to]);
}

describe('pixeldp between norms', () => {
  for (const { noise, inputNorm, to, reached } of [
    { noise: 'laplace', inputNorm: 'l2', to: 'l1', reached: 0.7 },
    { noise: 'laplace', inputNorm: 'linf', to: 'l1', reached: 0.5 },
    { noise: 'gaussian', inputNorm: 'l1', to: 'l2', reached: 0.99 }, // exact
    { noise: 'gaussian', inputNorm: 'linf', to: 'l2', reached: 0.6 },
  ] as const) {
    for (const sensitivity of ['normalized', 'orthonormal', 'bound'] as const) {
      it(`${noise} noise for inputs in ${inputNorm}, ${sensitivity}: the worst pair moves no further than it covers`, async () => {
        const given = { noise, inputNorm, sensitivity, epsilon: 2, distance: 0.4 };
        expect(await coverage({ ...given, layer: 1 }, to)).to.be.within(reached, 1 + 1e-4);
        expect(await coverage({ ...given, layer: 6 }, to)).to.be.within(0.08, 1 + 1e-4); // six layers, three kernels
      });
    }
  }

  it('is what it was where the norm of the noise is named', async () => {
    for (const [noise, inputNorm] of [
      ['laplace', 'l1'],
      ['gaussian', 'l2'],
    ] as const) {
      for (const sensitivity of ['normalized', 'bound', 'clip']) {
        const of = (given: OptionValues) => releasedBy(protectedLayers({ noise, sensitivity, layer: 4, ...given }));
        expect([...(await of({ inputNorm }))], `${noise} ${sensitivity}`).to.deep.equal([...(await of({}))]);
      }
    }
  });

  it('claims the distance in the norm of the inputs, and any distance of a public size: 64, 8 or 1 for 64 pixels', () => {
    for (const [inputNorm, name, diameter] of [
      ['l1', 'L1', '64'],
      ['l2', 'L2', '8'],
      ['linf', 'L∞', '1'],
    ] as const) {
      const { activationRelease, activationNorm, reading } = defenseOf({ epsilon: 2, distance: 0.1, inputNorm });
      expect(activationNorm).to.equal(inputNorm);
      expect(activationRelease?.(0.4)).to.deep.equal({ kind: 'laplace', noiseMultiplier: 0.125 }); // ε = 8 at 0.4
      expect(reading.join('\n'))
        .to.contain(`at ${name} distance 0.1`)
        .and.contain(`(${name} distance up to ${diameter})`);
    }
  });

  it('under secure noise pays for rounding in the norm of the output, whatever the norm of the inputs', async () => {
    const given = { noise: 'gaussian', layer: 4, epsilon: 2, distance: 0.4 } as const;
    for (const inputNorm of ['l1', 'l2', 'linf'] as const) {
      const [seeded, secure] = await Promise.all(
        ([undefined, 'secure'] as const).map((noise) => {
          const layers = protectedLayers({ ...given, inputNorm }, noise && { noise });
          return scaleOf(layers, initWeights({ layers, inputShape }, seededRng(1)));
        }),
      );
      const factor = latticeFactor(multipliers.l2, 'l2', 2 * 2 * 2);
      expect((secure as number) / (seeded as number), inputNorm).to.be.closeTo(factor, 2e-6); // 2.6e-5 above 1 in L1
    }
  });

  it('refuses norms that there are none of, and more layers than there are', () => {
    expect(pixeldp.options['inputNorm']).to.deep.include({ choices: ['l1', 'l2', 'linf'] });
    expect(() => defenseOf({ layer: 3 }).protectLayers?.([relu()])).to.throw(
      RangeError,
      /layer is 3, .* only 1 layers/,
    );
  });
});

async function releasedBy(layers: readonly Layer[]): Promise<Float32Array> {
  const rng = seededRng(6);
  const weights = initWeights({ layers, inputShape }, rng.fork('weights'));
  const x = ndarray([2, ...inputShape], rng.fork('x').uniform(128));
  return (await noisyNetwork(layers, inputShape).release(weights, x, rng.fork('noise'))).data;
}
