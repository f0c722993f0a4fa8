import { expect } from 'chai';
import { ndarray, sizeOf } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { mapArrays } from '../src/arrays/tree.ts';
import { clippedGradientSum, perExampleGradients } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { Tensors } from '../src/contracts/array.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { Layer, LayerNoise, Weights } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { batchNorm, conv2d, dense, flatten, maxPool, relu, silu } from '../src/models/layers/index.ts';
import { applyLayers, drawNoise, initWeights } from '../src/models/network.ts';
import { runSmall, smallModel } from '../src/training/testing/small-task.ts';
import { pixeldp } from './pixeldp.ts';

const site: DefenseSite = { cut: 4, inputShape: [8, 8, 1], batchSize: 4, clients: [], delta: 1e-5 };
const layers = () => [
  conv2d({ filters: 3, kernel: 3 }),
  relu(),
  maxPool(),
  conv2d({ filters: 2, kernel: 3, stride: 2 }),
];

function options(given: OptionValues = {}): OptionValues {
  const defaults = Object.entries(pixeldp.options).map(([name, option]) => [name, option.default]);
  return { ...Object.fromEntries(defaults), ...given };
}

function defended(given: OptionValues, plain: readonly Layer[] = layers()): readonly Layer[] {
  return pixeldp.create(options(given), site).protectLayers?.(plain) ?? plain;
}

interface Run {
  readonly layers: readonly Layer[];
  readonly examples?: number;
  /** Multiplies the draws; 0 switches the noise off without changing anything else. */
  readonly noise?: number;
  readonly x?: Float32Array;
  /** Multiplies the initial parameters, as training might. */
  readonly growth?: number;
}

async function outputOf({ layers: list, examples = 2, noise = 1, x, growth = 1 }: Run): Promise<Float32Array> {
  const rng = seededRng(5);
  const inputs = x ?? rng.fork('x').uniform(examples * 64);
  const initial = initWeights({ layers: list, inputShape: [8, 8, 1] }, rng.fork('weights'));
  const weights = mapArrays(initial, ({ shape, data }) => ({ shape, data: data.map((value) => value * growth) }));
  const draws = drawNoise(list, [8, 8, 1], examples, rng.fork('noise'), 'training').map(
    (draw) => draw && { ...draw, data: draw.data.map((value) => value * noise) },
  );
  const run = compile(
    'defended',
    (t: { weights: Tensors<Weights>; x: Tensor; draws: Tensors<LayerNoise> }) =>
      applyLayers(list, t.weights, t.x, { noise: t.draws, training: true }).output,
  );
  return (await run({ weights, x: ndarray([examples, 8, 8, 1], inputs), draws })).data;
}

const std = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

describe('pixeldp', () => {
  it('adds Laplace noise of scale L/ε to an output of sensitivity 1, then the public gain', async () => {
    const list = defended({ epsilon: 2, distance: 0.3, gainFloor: 0.05 }).slice(0, 1);
    const [noisy, silent] = [
      await outputOf({ layers: list, examples: 200 }),
      await outputOf({ layers: list, examples: 200, noise: 0 }),
    ];
    const gain = 1 / ((Math.SQRT2 * 0.3) / 2 + 0.05);
    const added = noisy.map((value, i) => (value - (silent[i] as number)) / gain);
    const scale = 0.15; // not 0.3, not 0.6, not their squares
    const count = added.length; // the mean of |Laplace| is b, with standard deviation b/√n
    const mean = added.reduce((sum, value) => sum + Math.abs(value), 0) / count;
    expect(mean).to.be.closeTo(scale, (5 * scale) / Math.sqrt(count));
  });

  it('calibrates Gaussian noise analytically (0.1333) or classically (0.2537) at L = 0.1, ε = 1, δ = 0.05', async () => {
    for (const [calibration, expected] of [
      ['analytic', 0.1333],
      ['classic', 0.25373],
    ] as const) {
      const list = defended({ noise: 'gaussian', calibration, gainFloor: 1 }).slice(0, 1);
      const [noisy, silent] = [
        await outputOf({ layers: list, examples: 300 }),
        await outputOf({ layers: list, examples: 300, noise: 0 }),
      ];
      const added = noisy.map((value, i) => (value - (silent[i] as number)) * (expected + 1));
      expect(std(added), calibration).to.be.closeTo(expected, 5e-5 + (4.5 * expected) / Math.sqrt(2 * added.length));
    }
  });

  it('with epsilon .inf changes nothing, bit for bit', async () => {
    for (const sensitivity of ['normalized', 'orthonormal', 'bound', 'clip']) {
      const plain = await outputOf({ layers: layers() });
      const off = await outputOf({ layers: defended({ epsilon: Number.POSITIVE_INFINITY, sensitivity }) });
      expect([...off], sensitivity).to.deep.equal([...plain]);
    }
  });

  it('under "bound" scales the noise with the present kernels of all layers up to it', async () => {
    const noiseStd = async (layer: number, growth: number) => {
      const own = defended({ sensitivity: 'bound', layer }).slice(0, layer);
      const [noisy, silent] = [
        await outputOf({ layers: own, examples: 50, growth }),
        await outputOf({ layers: own, examples: 50, growth, noise: 0 }),
      ];
      return std(noisy.map((value, i) => value - (silent[i] as number)));
    };
    for (const [layer, growth] of [
      [1, 3], // a scale fixed at the start would give 1
      [3, 3],
      [4, 9], // two kernels, each three times as large
    ] as const)
      expect((await noiseStd(layer, 3)) / (await noiseStd(layer, 1)), `layer ${layer}`).to.be.closeTo(growth, 1e-2);
  });

  it('under "clip" bounds every output’s norm, whatever the input', async () => {
    const list = defended({ sensitivity: 'clip', clipNorm: 0.7, epsilon: 1, gainFloor: 1 }).slice(0, 1);
    const output = await outputOf({ layers: list, examples: 1, noise: 0, x: new Float32Array(64).fill(9) });
    const gain = 1 / (Math.SQRT2 * 2 * 0.7 + 1); // noise for two outputs 2C apart
    expect(output.reduce((sum, value) => sum + Math.abs(value), 0) / gain).to.be.closeTo(0.7, 1e-4);
  });

  it('states one release at any distance; a clipped one at none', () => {
    const release = (given: OptionValues, distance: number) =>
      pixeldp.create(options(given), site).activationRelease?.(distance);
    expect(release({ epsilon: 2, distance: 0.1 }, 1)).to.deep.equal({ kind: 'laplace', noiseMultiplier: 0.05 }); // ε = 20 at D = 1
    expect(release({ epsilon: 2, distance: 0.1 }, 0.1)).to.deep.equal({ kind: 'laplace', noiseMultiplier: 0.5 });
    expect(release({ epsilon: 2, sensitivity: 'clip' }, 1)).to.deep.equal(
      release({ epsilon: 2, sensitivity: 'clip' }, 100),
    );
    expect(release({ epsilon: Number.POSITIVE_INFINITY }, 1)?.kind).to.equal('non-private');
    // What rounding to a lattice costs was paid for at the calibrated distance: nearer inputs get no better claim.
    const secure = pixeldp.create(options({ epsilon: 2, distance: 0.1 }), { ...site, noise: 'secure' });
    for (const [distance, noiseMultiplier] of [
      [0.01, 0.5],
      [0.1, 0.5],
      [1, 0.05],
    ] as const)
      expect(secure.activationRelease?.(distance)).to.deep.equal({ kind: 'laplace', noiseMultiplier });
  });

  it('refuses a layer behind the cut, and layers whose sensitivity nobody knows', () => {
    expect(() => pixeldp.create(options({ layer: 5 }), site)).to.throw(RangeError, /between 1 and the cut 4, but is 5/);
    expect(() => defended({ layer: 2 }, [batchNorm(), relu()])).to.throw(RangeError, /batch-norm/);
    expect(() => defended({ layer: 2, sensitivity: 'bound' }, [batchNorm(), relu()])).to.throw(
      RangeError,
      /earlier layer/,
    );
  });

  it('trains with orthonormal kernels, behind noise and beside dp-sgd', async () => {
    const given = { noise: 'gaussian', sensitivity: 'orthonormal', epsilon: 20, distance: 0.3, gainFloor: 0.3 };
    const model = { ...smallModel(), layers: defended(given, smallModel().layers) };
    for (const gradientRule of [undefined, { clipNorm: 0.5, noiseMultiplier: 0.3 }]) {
      const config = { rounds: 12, batchSize: 8 };
      const { rounds } = await runSmall({
        trainer: 'splitfed-v1',
        clients: 1,
        shares: [60],
        model,
        config,
        gradientRule,
      });
      const losses = rounds.map(({ trainLoss }) => trainLoss ?? Number.NaN);
      expect(losses.at(-1), `${losses}`).to.be.below(0.6 * (losses[0] ?? 0));
    }
  });

  it('keeps per-example gradient norms right through normalization, noise, clipping and gain', async () => {
    const variants: OptionValues[] = [
      {},
      { noise: 'gaussian' },
      { sensitivity: 'orthonormal' },
      { sensitivity: 'bound' },
      { sensitivity: 'clip', clipNorm: 0.5 },
      { layer: 3 },
      { layer: 3, noise: 'gaussian', sensitivity: 'orthonormal' },
      { layer: 3, sensitivity: 'bound' },
    ];
    for (const given of variants) {
      const list = [
        ...defended({ epsilon: 3, ...given }, layers().slice(0, 3)),
        flatten(),
        dense({ units: 2 }),
        silu(),
      ];
      const { norms, oracle } = await perExampleNorms(list);
      for (const [i, norm] of norms.entries()) {
        const expected = oracle[i] as number;
        expect(norm, JSON.stringify(given)).to.be.closeTo(expected, 1e-3 * expected);
      }
    }
  });
});

async function perExampleNorms(list: readonly Layer[]): Promise<{ norms: number[]; oracle: number[] }> {
  const rng = seededRng(2);
  const examples = 3;
  const inputs = {
    weights: initWeights({ layers: list, inputShape: [8, 8, 1] }, rng.fork('weights')),
    x: ndarray([examples, 8, 8, 1], rng.uniform(examples * 64)),
    outputGradient: ndarray([examples, 2], rng.fork('dy').normal(examples * 2)),
    draws: drawNoise(list, [8, 8, 1], examples, rng.fork('noise'), 'training'),
  };
  type In = Tensors<typeof inputs>;
  const run = compile('norms', ({ draws, ...given }: In) => {
    const { norms } = clippedGradientSum({
      layers: list,
      noise: draws,
      clipNorm: 1,
      mask: tf.ones([examples]),
      ...given,
    });
    const each = perExampleGradients({ layers: list, noise: draws, ...given });
    const squares = each.map((gradient) =>
      gradient
        .flatMap((layer) => Object.values(layer))
        .reduce((sum: Tensor, g) => tf.add(sum, tf.sum(tf.square(g))), tf.scalar(0)),
    );
    return { norms, oracle: tf.sqrt(tf.stack(squares)) };
  });
  const { norms, oracle } = await run(inputs);
  if (sizeOf(norms.shape) !== examples) throw new Error(`norms of shape [${norms.shape}]`);
  return { norms: [...norms.data], oracle: [...oracle.data] };
}
