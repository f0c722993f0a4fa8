/** Optimizers as pure expressions over structures of tensors. Their memory comes in and goes out as arrays. */

import { scalar, zeros } from '../arrays/ndarray.ts';
import { arraysOf, leavesOf, mapLeaves } from '../arrays/tree.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Tensors, Tree } from '../contracts/array.ts';

/** What an optimizer remembers from step to step. */
export interface OptimizerState {
  /** Running averages, one list an average with an entry for every array of the parameters, depth first. */
  readonly moments: readonly (readonly NdArray[])[];
  /** Counts of the steps: each average's own, as far as it has one to correct its bias. */
  readonly counts: readonly NdArray[];
}

export interface Optimizer {
  readonly name: string;
  /** The state before the first step, for parameters of this structure. */
  init<T>(params: T): OptimizerState;
  /** One step, for use inside compiled functions. `params` and `gradient` have one structure, any tree of tensors. */
  update<T>(
    params: T,
    gradient: T,
    state: Tensors<OptimizerState>,
    learningRate: Tensor,
  ): { readonly params: T; readonly state: Tensors<OptimizerState> };
}

/** One array's step: what is subtracted from it per unit of learning rate, and its new averages. */
interface Step {
  readonly direction: Tensor;
  readonly moments: readonly Tensor[];
}

interface Rule {
  readonly name: string;
  readonly averages: number;
  readonly counters: number;
  readonly count: (counts: readonly Tensor[]) => readonly Tensor[];
  readonly step: (gradient: Tensor, moments: readonly Tensor[], counts: readonly Tensor[]) => Step;
}

const isTensor = (node: object): node is Tensor => node instanceof tf.Tensor;

function optimizer(rule: Rule): Optimizer {
  return {
    name: rule.name,
    init: (params) => ({
      moments: Array.from({ length: rule.averages }, () => arraysOf(params).map(({ shape }) => zeros(shape))),
      counts: Array.from({ length: rule.counters }, () => scalar(0)),
    }),
    update: (params, gradient, state, learningRate) => {
      const counts = rule.count(state.counts);
      const gradients = leavesOf(gradient as Tree<Tensor>, isTensor);
      const steps = gradients.map((g, index) => rule.step(g, momentsAt(state, index), counts));
      const moments = state.moments.map((_, average) => steps.map((step) => step.moments[average] as Tensor));
      let index = 0;
      const moved = mapLeaves(params as Tree<object>, isTensor, (leaf) =>
        tf.sub(leaf as Tensor, tf.mul(learningRate, (steps[index++] as Step).direction)),
      );
      return { params: moved as typeof params, state: { moments, counts } };
    },
  };
}

const momentsAt = (state: Tensors<OptimizerState>, index: number): readonly Tensor[] =>
  state.moments.map((average) => average[index] as Tensor);

/** decay · old + (1 − decay) · value */
const average = (old: Tensor, value: Tensor | number, decay: number): Tensor =>
  tf.add(tf.mul(old, decay), tf.mul(value, 1 - decay));

const none = () => [];

/** w ← w − η g */
export function sgd(): Optimizer {
  return optimizer({
    name: 'sgd',
    averages: 0,
    counters: 0,
    count: none,
    step: (gradient) => ({ direction: gradient, moments: [] }),
  });
}

/** v ← μ v + g; w ← w − η v (Polyak's heavy ball in the form of Sutskever et al. 2013 without look-ahead). */
export function momentum({ momentum: mu = 0.9 }: { readonly momentum?: number } = {}): Optimizer {
  return optimizer({
    name: 'momentum',
    averages: 1,
    counters: 0,
    count: none,
    step: (gradient, [velocity]) => {
      const next = tf.add(tf.mul(velocity as Tensor, mu), gradient);
      return { direction: next, moments: [next] };
    },
  });
}

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/**
 * m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − η m̂ ÷ (√v̂ + ε), with m̂ = m ÷ (1 − β₁ᵗ), v̂ = v ÷ (1 − β₂ᵗ)
 * (Kingma and Ba 2015, Algorithm 1). The counts hold 1 − βᵗ: the same averages over ones, exact in float32 from the
 * first step on, where a power of 0.999 is not.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer {
  return optimizer({
    name: 'adam',
    averages: 2,
    counters: 2,
    count: ([first, second]) => [average(first as Tensor, 1, beta1), average(second as Tensor, 1, beta2)],
    step: (gradient, [first, second], [weight1, weight2]) => {
      const mean = average(first as Tensor, gradient, beta1);
      const square = average(second as Tensor, tf.square(gradient), beta2);
      const scale = tf.add(tf.sqrt(tf.div(square, weight2 as Tensor)), epsilon);
      return { direction: tf.div(tf.div(mean, weight1 as Tensor), scale), moments: [mean, square] };
    },
  });
}

export interface RmspropOptions {
  readonly decay?: number;
  readonly momentum?: number;
  readonly epsilon?: number;
}

/** s ← ρ s + (1 − ρ) g²; v ← μ v + g ÷ (√s + ε); w ← w − η v (Tieleman and Hinton 2012, with momentum as in PyTorch). */
export function rmsprop({ decay = 0.99, momentum: mu = 0, epsilon = 1e-8 }: RmspropOptions = {}): Optimizer {
  return optimizer({
    name: 'rmsprop',
    averages: 2,
    counters: 0,
    count: none,
    step: (gradient, [square, velocity]) => {
      const next = average(square as Tensor, tf.square(gradient), decay);
      const scaled = tf.div(gradient, tf.add(tf.sqrt(next), epsilon));
      const moved = tf.add(tf.mul(velocity as Tensor, mu), scaled);
      return { direction: moved, moments: [next, moved] };
    },
  });
}
