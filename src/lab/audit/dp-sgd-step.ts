/**
 * The white-box canary audit of DP-SGD (Nasr et al., «Tight Auditing of Differentially Private Machine Learning», 2023): the
 * attacker sees the noisy gradient g̃ of a step and scores ⟨g̃, canary⟩. A canary whose gradient is one coordinate of the
 * clipping norm (a Dirac canary) is the worst record there is. What runs here is the training's own clipping and noise.
 */

import { dpSgdEvent } from '../../accounting/index.ts';
import { full, ndarray, zeros } from '../../arrays/ndarray.ts';
import { mapArrays } from '../../arrays/tree.ts';
import { zeroRng } from '../../arrays/zero-rng.ts';
import { clippedGradientSum } from '../../autodiff/index.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { NdArray, Tensors } from '../../contracts/array.ts';
import type { GradientRule } from '../../contracts/defense.ts';
import type { Params, Weights } from '../../contracts/model.ts';
import { dense } from '../../models/layers/index.ts';
import { initWeights } from '../../models/network.ts';
import { drawGradientNoise, privatize } from '../../training/update.ts';
import type { MechanismSampler } from './audit-sampler.ts';

/** What the noisy mean gradient of one step is made from. */
export interface StepInputs {
  readonly weights: Weights;
  /** `[lot, features]`, the canary first. */
  readonly x: NdArray;
  /** Gradient of each example's loss at the output, `[lot, 1]`. */
  readonly outputGradient: NdArray;
  /** `[lot]`: 1 for an example of the lot, 0 for one that was not sampled. */
  readonly mask: NdArray;
  readonly noise: Params;
}

export type PrivateStep = (inputs: Tensors<StepInputs>) => Tensors<Params>;

export interface DpSgdStepOptions extends GradientRule {
  /** Probability with which the canary is in a lot. */
  readonly samplingRate: number;
  /** The step that is audited; default the training's own. */
  readonly step?: PrivateStep;
}

const features = 7;
const lotSize = 4;
const normaliser = lotSize;
const layers = [dense({ units: 1 })];

/** Clip each example, sum, add noise, divide by the public lot size: as the training does it. */
export function trainingStepOf(rule: GradientRule): PrivateStep {
  return ({ noise, ...inputs }) => {
    const { gradient } = clippedGradientSum({ layers, clipNorm: rule.clipNorm, clipping: rule.clipping, ...inputs });
    return privatize({ rule, normaliser }, gradient, noise);
  };
}

/** The canary is included (with the sampling rate) in one world and absent in the other: add-or-remove adjacency. */
export function dpSgdStepSampler(options: DpSgdStepOptions): MechanismSampler {
  const { clipNorm, noiseMultiplier, samplingRate, step = trainingStepOf(options) } = options;
  const scoresOf = compile('audited steps', (inputs: Tensors<AuditedSteps>) => scoredSteps(step, inputs));
  return {
    description: `one DP-SGD step: clipNorm ${clipNorm}, noiseMultiplier ${noiseMultiplier}, samplingRate ${samplingRate}`,
    claim: dpSgdEvent({ samplingRate, noiseMultiplier, steps: 1 }),
    isGaussian: samplingRate === 1,
    samplingRate,
    async scores(world, trials, rng) {
      const lot = lotOf(clipNorm);
      const canary = await canaryDirection(step, lot);
      const scores = new Float64Array(trials);
      for (let done = 0; done < trials; done += stepsAtOnce) {
        const steps = Array.from({ length: stepsAtOnce }, (_, i) => {
          const own = rng.fork(`trial-${done + i}`);
          const isIn = world === 'present' && own.next() < samplingRate;
          return { mask: maskOf(isIn), noise: drawGradientNoise(lot.weights.params, own) };
        });
        const { data } = await scoresOf({ lot, canary, steps });
        scores.set(data.subarray(0, trials - done), done);
      }
      return scores;
    },
  };
}

/** Independent steps in one graph: a graph for each would spend its time on calls. */
const stepsAtOnce = 50;

interface AuditedSteps {
  readonly lot: FixedLot;
  readonly canary: NdArray;
  readonly steps: readonly Pick<StepInputs, 'mask' | 'noise'>[];
}

/** ⟨g̃, canary⟩ of each step, `[steps]`. */
function scoredSteps(step: PrivateStep, { lot, canary, steps }: Tensors<AuditedSteps>): Tensor {
  return tf.stack(steps.map((own) => tf.sum(tf.mul(flat(step({ ...lot, ...own })), canary))));
}

type FixedLot = Pick<StepInputs, 'weights' | 'x' | 'outputGradient'>;

/** The canary's gradient is far above the clipping norm along one coordinate; the others' lie on both sides of it. */
function lotOf(clipNorm: number): FixedLot {
  const x = zeros([lotSize, features]);
  for (let example = 0; example < lotSize; example++) {
    const size = example === 0 ? 50 * clipNorm : clipNorm * example * 0.4;
    x.data[example * features + example] = size;
  }
  // The gradients of a linear layer do not depend on its weights.
  const weights = initWeights({ layers, inputShape: [features] }, zeroRng);
  return { weights, x, outputGradient: full([lotSize, 1], 1) };
}

function maskOf(isIn: boolean): NdArray {
  return ndarray([lotSize], [isIn ? 1 : 0, ...Array<number>(lotSize - 1).fill(1)]);
}

/** What the canary adds to the release where there is no noise. */
async function canaryDirection(step: PrivateStep, lot: FixedLot): Promise<NdArray> {
  const difference = compile('canary', (inputs: Tensors<{ a: StepInputs; b: StepInputs }>) =>
    tf.sub(flat(step(inputs.a)), flat(step(inputs.b))),
  );
  const noise = mapArrays(lot.weights.params, ({ shape }) => zeros(shape));
  return difference({ a: { ...lot, noise, mask: maskOf(true) }, b: { ...lot, noise, mask: maskOf(false) } });
}

function flat(gradient: Tensors<Params>): Tensor {
  return tf.concat(gradient.flatMap((layer) => Object.values(layer).map((array) => tf.reshape(array, [-1]))));
}
