/** The test of a new defense. */

import type { Names } from './names.ts';

export const defenseTest = ({
  name,
  identifier,
}: Names): string => `/** What ${name} does to smashed data, and what it claims; defenses.test.ts holds it to what is asked of every defense. */

import { expect } from 'chai';
import { withDefaults } from '../attacks/testing/defaults.ts';
import { ndarray } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { compile } from '../src/compile/compile.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type { Defense, DefenseSite } from '../src/contracts/defense.ts';
import type { Layer, LayerNoise, Weights } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { flatten, relu } from '../src/models/layers/index.ts';
import { applyLayers, drawNoise, initWeights } from '../src/models/network.ts';
import { ${identifier} } from './${name}.ts';

const inputShape = [2, 2, 1] as const;
const plain = [relu(), flatten()];
const site: DefenseSite = {
  ...{ cut: plain.length, inputShape, batchSize: 4, clients: [], delta: 1e-5 },
  split: { passes: 1, classes: 3 },
};

function defense(options: OptionValues, at = site): Defense {
  return ${identifier}.create(withDefaults(${identifier}, options), at);
}

/** What goes to the server of these examples, of four values each. */
async function smashed(values: readonly number[], options: OptionValues): Promise<readonly number[]> {
  const layers: readonly Layer[] = defense(options).protectLayers?.(plain) ?? plain;
  const batch = values.length / 4;
  const release = compile('release', (t: Tensors<{ weights: Weights; x: NdArray; noise: LayerNoise }>) => {
    return applyLayers(layers, t.weights, t.x, { noise: t.noise, training: true }).output;
  });
  const noise = drawNoise(layers, inputShape, batch, seededRng(1), 'training');
  const weights = initWeights({ layers, inputShape }, seededRng(2));
  return [...(await release({ weights, x: ndarray([batch, ...inputShape], values), noise })).data];
}

describe('${name}', () => {
  it('clips each example to clipNorm, and leaves shorter ones alone', async () => {
    const sent = await smashed([6, 8, 0, 0, 0.6, 0, 0, 0.8], { clipNorm: 5, noiseMultiplier: 0 });
    [3, 4, 0, 0, 0.6, 0, 0, 0.8].forEach((value, i) => {
      expect(sent[i], \`value \${i}\`).to.be.closeTo(value, 1e-5);
    });
  });

  it('adds noise of standard deviation noiseMultiplier · 2 · clipNorm', async () => {
    const n = 40_000; // the standard deviation of n normals is within 4.5σ/√(2n) of σ, but for 7 in 10⁶
    const sent = await smashed(Array(n).fill(0), { clipNorm: 3, noiseMultiplier: 0.4 });
    const std = Math.sqrt(sent.reduce((sum, value) => sum + value ** 2, 0) / n);
    expect(std).to.be.closeTo(2.4, (4.5 * 2.4) / Math.sqrt(2 * n)); // neither 1.2 nor 0.4 nor a square
  });

  it('claims a Gaussian release at any distance, and nothing without noise', () => {
    for (const distance of [0.1, 10]) {
      const release = defense({ noiseMultiplier: 0.4 }).activationRelease?.(distance);
      expect(release).to.deep.equal({ kind: 'gaussian', noiseMultiplier: 0.4 });
    }
    expect(defense({ noiseMultiplier: 0 }).activationRelease?.(1)).to.have.property('kind', 'non-private');
  });

  it('refuses a trainer that sends no smashed data', () => {
    const { split: _, ...uncut } = site;
    expect(() => defense({}, uncut)).to.throw(RangeError, /splitfed-v1/);
  });
});
`;
