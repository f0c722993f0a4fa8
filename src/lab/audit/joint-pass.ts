/**
 * The audit of joint privacy (docs/joint-privacy.md): one pass of the worst record there is, against its opposite. Smashed data that
 * lie on opposite sides of the clipping ball, gradients that do, and two labels; scored by the likelihood ratio of all that is
 * released. What runs here is the noise layer, the clipping, the gradient's noise and the randomized response of the training.
 */

import { composed, gaussianEvent, randomizedResponse } from '../../accounting/index.ts';
import { full, ndarray, zeros } from '../../arrays/ndarray.ts';
import { mapArrays } from '../../arrays/tree.ts';
import { compile } from '../../compile/compile.ts';
import { tf } from '../../compile/tf.ts';
import type { NdArray, Tensors } from '../../contracts/array.ts';
import type { Dataset } from '../../contracts/dataset.ts';
import type { GradientRule, LabelRule } from '../../contracts/defense.ts';
import type { Layer } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';
import { randomizeLabels } from '../../data/labels.ts';
import { dense } from '../../models/layers/index.ts';
import { initWeights } from '../../models/network.ts';
import { drawGradientNoise } from '../../training/update.ts';
import type { MechanismSampler } from './audit-sampler.ts';
import { type PrivateStep, trainingStepOf } from './dp-sgd-step.ts';

export interface JointPassOptions {
  /** A layer that hands its input of `width` values on, clipped and noised as at the cut. */
  readonly release: Layer;
  readonly width: number;
  /** Of the noise at the cut: standard deviation ÷ clipping norm. */
  readonly activationNoise: number;
  readonly gradientRule: GradientRule;
  readonly labelRule: LabelRule;
  readonly classes: number;
  /** The step that is audited; default the training's own. */
  readonly step?: PrivateStep;
}

type World = 'present' | 'absent';

/** Scores of single passes: `present` is one record, `absent` the one in its place. */
export function jointPassSampler(options: JointPassOptions): MechanismSampler {
  const { activationNoise, gradientRule, labelRule, classes } = options;
  const activations = activationScores(options);
  const gradients = gradientScores(options);
  return {
    description: `one pass of joint-dp: noise ÷ clipping norm ${activationNoise.toPrecision(3)} at the cut, ${gradientRule.noiseMultiplier.toPrecision(3)} on gradients, label ε ${labelRule.epsilon}`,
    claim: composed([
      { event: gaussianEvent(activationNoise), count: 1 },
      { event: gaussianEvent(gradientRule.noiseMultiplier), count: 1 },
      { event: randomizedResponse({ choices: classes, keep: labelRule.keep }), count: 1 },
    ]),
    adjacency: 'replace-one',
    isGaussian: false,
    async scores(world, trials, rng) {
      const parts = [
        await activations(world, trials, rng.fork('activations')),
        await gradients(world, trials, rng.fork('gradients')),
        labelScores(options, world, { trials, rng: rng.fork('labels') }),
      ];
      return Float64Array.from({ length: trials }, (_, i) => parts.reduce((sum, part) => sum + (part[i] as number), 0));
    },
  };
}

type Scores = (world: World, trials: number, rng: Rng) => Promise<Float64Array>;

/** log N(y; a, s²) − log N(y; b, s²) of each row of y. */
function gaussianRatio(rows: NdArray, { a, b, std }: { a: Float32Array; b: Float32Array; std: number }): Float64Array {
  const [count = 0] = rows.shape;
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < a.length; i += 1) {
      const y = rows.data[row * a.length + i] as number;
      sum += (y - (b[i] as number)) ** 2 - (y - (a[i] as number)) ** 2;
    }
    return sum / (2 * std * std);
  });
}

/** Inputs far outside the clipping ball, in opposite directions. */
function activationScores({ release, width, activationNoise }: JointPassOptions): Scores {
  const apply = compile(
    'audited release',
    ({ x, noise }: Tensors<{ x: NdArray; noise: NdArray }>) =>
      release.apply({}, x, { state: {}, noise, training: true }).output,
  );
  const inputOf = (world: World, rows: number) => full([rows, width], world === 'present' ? farOut : -farOut);
  const centerOf = async (world: World) => (await apply({ x: inputOf(world, 1), noise: zeros([1, width]) })).data;
  return async (world, trials, rng) => {
    const [a, b] = [await centerOf('present'), await centerOf('absent')];
    const radius = Math.hypot(...a); // of the ball, times the public gain
    const noise = ndarray([trials, width], rng.normal(trials * width));
    return gaussianRatio(await apply({ x: inputOf(world, trials), noise }), { a, b, std: activationNoise * radius });
  };
}

const farOut = 1e3;
const features = 5;
const lotSize = 3;
const normaliser = 4; // of `trainingStepOf`

/** A linear layer's gradient is x · d: the record's has a large d of one sign or the other, the others of the lot are the same. */
function gradientScores({ gradientRule, step = trainingStepOf(gradientRule) }: JointPassOptions): Scores {
  const { clipNorm, noiseMultiplier } = gradientRule;
  const layers = [dense({ units: 1 })];
  const run = compile('audited gradient', (inputs: Parameters<PrivateStep>[0]) =>
    tf.concat(step(inputs).flatMap((layer) => Object.values(layer).map((array) => tf.reshape(array, [-1])))),
  );
  const lotOf = (world: World) => ({
    x: full([lotSize, features], clipNorm),
    outputGradient: ndarray([lotSize, 1], [world === 'present' ? farOut : -farOut, 0.1, -0.3]),
    mask: full([lotSize], 1),
  });
  return async (world, trials, rng) => {
    const weights = initWeights({ layers, inputShape: [features] }, rng.fork('weights'));
    const silence = mapArrays(weights.params, ({ shape }) => zeros(shape));
    const [a, b] = [
      await run({ weights, ...lotOf('present'), noise: silence }),
      await run({ weights, ...lotOf('absent'), noise: silence }),
    ];
    const std = (noiseMultiplier * clipNorm) / normaliser;
    const scores = new Float64Array(trials);
    for (let trial = 0; trial < trials; trial += 1) {
      const noise = drawGradientNoise(weights.params, rng.fork(`trial-${trial}`));
      const { data } = await run({ weights, ...lotOf(world), noise });
      scores.set(gaussianRatio(ndarray([1, data.length], data), { a: a.data, b: b.data, std }), trial);
    }
    return scores;
  };
}

/** Of two records with the labels 0 and 1. */
function labelScores(
  { labelRule: { keep }, classes }: JointPassOptions,
  world: World,
  { trials, rng }: { trials: number; rng: Rng },
): Float64Array {
  const labels = new Uint8Array(trials).fill(world === 'present' ? 0 : 1);
  const data: Dataset = {
    name: 'audit',
    split: 'train',
    size: trials,
    classes,
    shape: [1, 1, 1],
    pixels: new Uint8Array(trials),
    labels,
  };
  const ratio = Math.log((keep * (classes - 1)) / (1 - keep));
  return Float64Array.from(randomizeLabels(data, { keep }, rng).labels, (label) =>
    label === 0 ? ratio : label === 1 ? -ratio : 0,
  );
}
