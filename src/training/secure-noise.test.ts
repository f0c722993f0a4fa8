/** Secure noise on gradients and on updates: what comes out lies on the lattice, and the noise is what was claimed. */

import { expect } from 'chai';
import { adaptiveGradientNoise } from '../accounting/index.ts';
import { latticeFactor, latticeStep } from '../arrays/lattice.ts';
import { ndarray, zeros } from '../arrays/ndarray.ts';
import { secureRng, seededRng } from '../arrays/rng.ts';
import { compile } from '../compile/compile.ts';
import type { Tensors } from '../contracts/array.ts';
import type { GradientRule } from '../contracts/defense.ts';
import type { Params } from '../contracts/model.ts';
import { clipNormAfter, noisyCount } from './clip-state.ts';
import { noisyMeanUpdate } from './private-average.ts';
import { range } from './testing/client-step.ts';
import { drawGradientNoise, privatize } from './update.ts';

const rule: GradientRule = { clipNorm: 0.7, noiseMultiplier: 1.3, onLattice: true };
const size = 20_000;
const sum: Params = [{ kernel: ndarray([size], seededRng(5).uniform(size, -0.01, 0.01)) }, {}];

/** Whether every value, in float32, is a multiple of `unit` steps. */
function areMultiples(values: Float32Array, unit: number): boolean {
  return values.every(
    (value) => Math.abs(value / (unit * latticeStep) - Math.round(value / (unit * latticeStep))) < 0.05,
  );
}

function std(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length);
}

describe('secure noise', () => {
  const run = (own: GradientRule) =>
    compile('privatized', (inputs: Tensors<{ sum: Params; noise: Params }>) =>
      privatize({ rule: own, normaliser: 1 }, inputs.sum, inputs.noise),
    );

  it('on gradients: multiples of one number, with the noise that the multiplier and the rounding ask for', async () => {
    const noise = drawGradientNoise(sum, secureRng());
    const [{ kernel } = {}] = await run(rule)({ sum, noise });
    const unit = 1.3 * 0.7 * latticeFactor(1.3, 'l2', size);
    const values = kernel?.data ?? new Float32Array();
    expect(
      areMultiples(
        values.filter((value) => Math.abs(value) < unit / 8),
        unit,
      ),
    ).to.equal(true);
    expect(std(values)).to.be.closeTo(unit, (4.5 * unit) / Math.sqrt(2 * size)); // neither 1.3, 0.7 nor a square
    const [{ kernel: plain } = {}] = await run({ ...rule, onLattice: false })({ sum, noise });
    expect(areMultiples(plain?.data.filter((value) => Math.abs(value) < unit / 8) ?? values, unit)).to.equal(false);
  });

  it('on gradients of adaptive clipping: rounding is paid for with the gradient’s own share of the noise', async () => {
    const clipping = { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 0.7 } as const;
    const own = { ...rule, clipping };
    const z = adaptiveGradientNoise({ noiseMultiplier: 1.3, countStd: 0.7 }); // 3.5
    const ones: Params = [{ kernel: ndarray([size], new Float32Array(size).fill(1)) }, {}];
    const nothing: Params = [{ kernel: zeros([size]) }, {}];
    const [{ kernel } = {}] = await run(own)({ sum: nothing, noise: ones });
    const unit = z * 0.7 * latticeFactor(z, 'l2', size);
    expect(kernel?.data[0]).to.be.closeTo(unit, 1e-6 * unit);
    expect(unit / (z * 0.7 * latticeFactor(1.3, 'l2', size))).to.be.above(1.001);
  });

  it('on the counts of adaptive clipping: the same, of one number that a record moves by ½', () => {
    const scale = 1.7 * latticeFactor(3.4, 'l2', 1);
    const multiples = (onLattice: boolean) =>
      range(0, 200).every((below) => {
        const [draw = 0] = secureRng().normal(1);
        const noisy = noisyCount({ below, examples: 33 }, { draw, std: 1.7, onLattice });
        expect(noisy).to.be.closeTo(below - 16.5 + 1.7 * draw, 1e-4);
        return Math.abs(noisy / scale / latticeStep - Math.round(noisy / scale / latticeStep)) < 1e-6;
      });
    expect(multiples(true)).to.equal(true);
    expect(multiples(false)).to.equal(false);
    expect(() => noisyCount({ below: 1, examples: 2 }, { draw: 0, std: 1e5, onLattice: true })).to.throw(RangeError);
  });

  it('moves C by such a count', () => {
    const clipping = { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 1.7 } as const;
    const nextNorm = (onLattice: boolean) =>
      clipNormAfter(
        { rule: { ...rule, clipping, onLattice }, normaliser: 8 },
        { clipNorm: 1, countNoise: 100 },
        { below: 3, examples: 5 },
      );
    const share = noisyCount({ below: 3, examples: 5 }, { draw: 100, std: 1.7, onLattice: true }) / 8;
    expect(Math.log(nextNorm(true))).to.be.closeTo(-0.2 * share, 1e-9);
    expect(Math.abs(Math.log(nextNorm(false)) - Math.log(nextNorm(true)))).to.be.above(1e-6);
  });

  it('on updates: the same, where the source is secure', () => {
    const weights = { params: sum, state: [] };
    const like = { params: [{ kernel: zeros([size]) }, {}], state: [] };
    const average = { rule: { clipNorm: 0.7, noiseMultiplier: 1.3 }, expectedClients: 1, like };
    const unit = 1.3 * 0.7 * latticeFactor(1.3, 'l2', size);
    const small = (values: Float32Array = new Float32Array()) => values.filter((value) => Math.abs(value) < unit / 8);
    const secure = noisyMeanUpdate([weights], { ...average, rng: secureRng() }).params[0]?.['kernel']?.data;
    expect(areMultiples(small(secure), unit)).to.equal(true);
    expect(std(secure ?? new Float32Array())).to.be.closeTo(unit, (4.5 * unit) / Math.sqrt(2 * size));
    const seeded = noisyMeanUpdate([weights], { ...average, rng: seededRng(1) }).params[0]?.['kernel']?.data;
    expect(areMultiples(small(seeded), unit)).to.equal(false);
  });
});
