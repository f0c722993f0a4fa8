/** What a party does with its gradient: make it private where a rule says so, then take an optimizer step. */

import { mapArrays } from '../arrays/tree.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Tensors } from '../contracts/array.ts';
import type { GradientRule } from '../contracts/defense.ts';
import type { Params, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import type { Optimizer, OptimizerState } from '../models/optimizers.ts';

/** What one party trains. */
export interface PartyState {
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
}

/** How the client's gradient is made private: (Σ clipped + noiseMultiplier · clipNorm · normal) ÷ normaliser. */
export interface PrivateUpdate {
  readonly rule: GradientRule;
  /** A public constant (the configured batch size), never the lot's own size, which would tell who is in it. */
  readonly normaliser: number;
}

/** One standard normal draw for each parameter. */
export function drawGradientNoise(params: Params, rng: Rng): Params {
  return mapArrays(params, (array, path) => ({
    shape: array.shape,
    data: rng.fork(path).normal(array.data.length),
  }));
}

/** The noisy mean gradient of DP-SGD (Abadi et al. 2016, Algorithm 1) from the sum of clipped gradients. */
export function privatize(
  { rule, normaliser }: PrivateUpdate,
  sum: Tensors<Params>,
  noise: Tensors<Params>,
): Tensors<Params> {
  const std = rule.noiseMultiplier * rule.clipNorm;
  return sum.map((layer, index) =>
    Object.fromEntries(
      Object.entries(layer).map(([name, gradient]) => {
        const draw = noise[index]?.[name] as Tensor;
        return [name, tf.div(tf.add(gradient, tf.mul(draw, std)), normaliser)];
      }),
    ),
  );
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
