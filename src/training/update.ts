/** What a party does with its gradient: make it private where a rule says so, then take an optimizer step. */

import { adaptiveGradientNoise } from '../accounting/index.ts';
import { latticeFactor } from '../arrays/lattice.ts';
import { mapArrays } from '../arrays/tree.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { GradientRule, UpdateRule } from '../contracts/defense.ts';
import type { Params, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { addOnLattice } from '../models/on-lattice.ts';
import type { Optimizer, OptimizerState } from '../models/optimizers.ts';

/** What one party trains. */
export interface PartyState {
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
}

/** How the client's gradient is made private: (Σ clipped + std · normal) ÷ normaliser. */
export interface PrivateUpdate {
  readonly rule: GradientRule;
  /** A public constant (the configured batch size), never the lot's own size, which would tell who is in it. */
  readonly normaliser: number;
}

/** What a step adds to the client's gradient. */
export interface GradientNoise {
  /** Standard normal draws; none without a rule. */
  readonly noise?: Params | undefined;
  /** Of the noise, where the clipping norm changes from step to step; the rule's otherwise. */
  readonly std?: NdArray | undefined;
}

/** Standard deviation of the noise on a sum of gradients or updates clipped to C: z · C, and z_Δ · C under adaptive clipping. */
export function gradientNoiseStd(
  { noiseMultiplier, clipping, clipNorm: fixed }: GradientRule | UpdateRule,
  clipNorm = fixed,
): number {
  if (clipping?.kind !== 'adaptive') return noiseMultiplier * clipNorm;
  return adaptiveGradientNoise({ noiseMultiplier, countStd: clipping.countStd }) * clipNorm;
}

/** One standard normal draw for each parameter. */
export function drawGradientNoise(params: Params, rng: Rng): Params {
  return mapArrays(params, (array, path) => ({
    shape: array.shape,
    data: rng.fork(path).normal(array.data.length),
  }));
}

/** The gradient as it is without a rule, otherwise `privatize` of the sum that it is. */
export function noisyGradient(
  privacy: PrivateUpdate | undefined,
  gradient: Tensors<Params>,
  { noise, std }: Tensors<GradientNoise>,
): Tensors<Params> {
  return privacy && noise ? privatize({ ...privacy, std }, gradient, noise) : gradient;
}

export interface NoisyMean extends PrivateUpdate {
  /** Of the noise on the sum, where the clipping norm changes from step to step; the rule's otherwise. */
  readonly std?: Tensor | undefined;
}

/**
 * The noisy mean gradient of DP-SGD (Abadi et al. 2016, Algorithm 1) from the sum of clipped gradients. The same noise is on
 * every coordinate, whatever the clipping: per layer too, where the sensitivity √(Σ C_l²) is C.
 */
export function privatize(
  { rule, normaliser, std = tf.scalar(gradientNoiseStd(rule)) }: NoisyMean,
  sum: Tensors<Params>,
  noise: Tensors<Params>,
): Tensors<Params> {
  const withNoise = rule.onLattice ? latticeNoise(rule, sum, std) : plainNoise(std);
  return sum.map((layer, index) =>
    Object.fromEntries(
      Object.entries(layer).map(([name, gradient]) => {
        const draw = noise[index]?.[name] as Tensor;
        return [name, tf.div(withNoise(gradient, draw), normaliser)];
      }),
    ),
  );
}

type AddNoise = (gradient: Tensor, draw: Tensor) => Tensor;

const plainNoise =
  (std: Tensor): AddNoise =>
  (gradient, draw) =>
    tf.add(gradient, tf.mul(draw, std));

/** All parameters together are the vector that is rounded. */
function latticeNoise(rule: GradientRule, sum: Tensors<Params>, std: Tensor): AddNoise {
  const multiplier = gradientNoiseStd(rule, 1); // z_Δ under adaptive clipping: the gradient's own noise is what rounding takes from
  if (multiplier === 0) return plainNoise(std);
  const dimension = sum.flatMap((layer) => Object.values(layer)).reduce((total, { size }) => total + size, 0);
  const scale = tf.mul(std, latticeFactor(multiplier, 'l2', dimension));
  return (gradient, draw) => addOnLattice(gradient, draw, scale);
}

/** One optimizer step on the parameters; the state (running statistics) is what the forward pass returned. */
export function applyUpdate(
  optimizer: Optimizer,
  party: Tensors<PartyState>,
  step: { readonly gradient: Tensors<Params>; readonly state: Tensors<Params>; readonly learningRate: Tensor },
): Tensors<PartyState> {
  const { params, state } = optimizer.update(party.weights.params, step.gradient, party.optimizer, step.learningRate);
  return { weights: { params, state: step.state }, optimizer: state };
}
