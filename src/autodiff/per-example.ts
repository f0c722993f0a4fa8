/**
 * Gradients of single examples: their norms, and the sum of clipped ones (the heart of DP-SGD, Abadi et al. 2016).
 *
 * One backward pass gives the gradient at the output of every layer, row by row. From there each layer has its norms in
 * closed form (ghost norms, Goodfellow 2015; Bu et al. 2022), and the clipped sum is the ordinary parameter gradient of the
 * rows scaled by their factors (min(1, C ÷ ‖g_i‖) for flat clipping). Nothing of size batch × parameters is made, except for
 * convolutions: there the gradients themselves are the fastest way to their norms, and then have only to be summed.
 */

import { type Tensor, tf } from '../compile/tf.ts';
import type { Tensors } from '../contracts/array.ts';
import type { Layer, LayerNoise, LayerTensors, Params, Weights } from '../contracts/model.ts';
import { type ClipRule, clipFactors } from './clip-factors.ts';
import { pullback } from './differentiate.ts';
import { contextOf } from './layer-context.ts';
import { inQuickOrder } from './quick-order.ts';

export interface PerExampleInputs {
  readonly layers: readonly Layer[];
  readonly weights: Tensors<Weights>;
  /** `[batch, …]`. */
  readonly x: Tensor;
  /** Gradient of the summed loss at the output of the last layer: row i is the gradient of example i's own loss. */
  readonly outputGradient: Tensor;
  readonly noise?: Tensors<LayerNoise> | undefined;
}

export interface ClippingInputs extends PerExampleInputs, ClipRule {
  /** `[batch]`: 1 for an example, 0 for padding. */
  readonly mask: Tensor;
}

export interface ClippedSum {
  /** Σ_i mask_i · factor_i · g_i, with a factor for each layer under per-layer clipping. */
  readonly gradient: Tensors<Params>;
  /** ‖g_i‖ before clipping, `[batch]`; not finite where the gradient is not. */
  readonly norms: Tensor;
}

/**
 * Σ_i mask_i · factor_i · g_i over the examples of a batch, where g_i is the gradient of example i's own loss with respect to
 * all parameters of the layers, and the factors are those of `clipFactors`: min(1, C ÷ ‖g_i‖) unless the rule says otherwise.
 * An example whose squared gradient norm is not finite in float32 counts as 0.
 *
 * Guarantee: exchanging one row of the batch for padding moves the sum by at most C in L2 norm, up to float32 rounding
 * (a few 1e-7 of C).
 *
 * @throws RangeError where a layer mixes the examples of a batch, or C is not positive.
 */
export function clippedGradientSum(inputs: ClippingInputs): ClippedSum {
  const { clipNorm, clipping, mask } = inputs;
  if (!(typeof clipNorm !== 'number' || clipNorm > 0)) {
    throw new RangeError(`clipNorm must be positive, but is ${clipNorm}.`);
  }
  const visits = backward(inputs).map(withExampleGradients);
  const squares = visits.map((visit) => squaredNorms(visit));
  const total = squares.reduce((sum: Tensor, norms) => (norms ? tf.add(sum, norms) : sum), tf.zerosLike(mask));
  const finite = finiteRows(total);
  const factors = clipFactors(
    { clipNorm, clipping },
    {
      layers: squares.map((norms) => norms && chosenRows(norms, finite)),
      total: chosenRows(total, finite),
    },
  );
  const gradient = visits.map((visit, index) =>
    weightedGradient(visit, tf.mul(mask, factors[index] as Tensor), finite),
  );
  return { gradient, norms: tf.sqrt(total) };
}

/** The gradients g_i one by one, the slow obvious way: one entry an example. For tests. */
export function perExampleGradients(inputs: PerExampleInputs): readonly Tensors<Params>[] {
  const batch = inputs.x.shape[0] ?? 0;
  return Array.from({ length: batch }, (_, index) => {
    const one = (tensor: Tensor) => row(tensor, index);
    const noise = inputs.noise?.map((draw) => draw && one(draw));
    return wholeGradient({ ...inputs, x: one(inputs.x), outputGradient: one(inputs.outputGradient), noise });
  });
}

function wholeGradient({ layers, weights, x, outputGradient, noise }: PerExampleInputs): Tensors<Params> {
  const forward = (params: Tensors<Params>): Tensor =>
    layers.reduce((activation, layer, index) => {
      const context = contextOf(index, { params, state: weights.state }, { noise, training: true });
      return layer.apply(params[index] as LayerTensors, activation, context).output;
    }, x);
  return pullback(forward, weights.params, outputGradient).gradient;
}

/** One layer in the backward pass: its input, and the gradient at its output. */
interface Visit {
  readonly layer: Layer;
  readonly apply: (params: LayerTensors, x: Tensor) => Tensor;
  readonly params: LayerTensors;
  readonly x: Tensor;
  readonly dy: Tensor;
  /** Each example's gradient, where it is computed for all of them. */
  readonly gradients?: LayerTensors;
}

function backward({ layers, weights, x, outputGradient, noise }: PerExampleInputs): readonly Visit[] {
  const forward: Omit<Visit, 'dy'>[] = [];
  let activation = x;
  inQuickOrder(layers).forEach((layer, index) => {
    refuseMixing(layer, index);
    const context = contextOf(index, weights, { noise, training: true });
    const apply = (params: LayerTensors, input: Tensor) => layer.apply(params, input, context).output;
    const params = weights.params[index] as LayerTensors;
    forward.push({ layer, apply, params, x: activation });
    activation = apply(params, activation);
  });
  let dy = outputGradient;
  const first = forward.findIndex(({ params }) => hasParameters(params));
  return forward
    .map((visit, index) => ({ ...visit, index }))
    .reverse()
    .map(({ index, ...visit }) => {
      const here = { ...visit, dy };
      if (first >= 0 && index > first) dy = pullback((input) => visit.apply(visit.params, input), visit.x, dy).gradient;
      return here;
    })
    .reverse();
}

function refuseMixing(layer: Layer, index: number): void {
  if (!layer.mixesExamples) return;
  throw new RangeError(
    `layer ${index + 1} (${layer.label}) mixes the examples of a batch, so one example has no gradient of its own. ` +
      'Leave it out of the part that is clipped, or use a normalization within the example.',
  );
}

const hasParameters = (params: LayerTensors): boolean => Object.keys(params).length > 0;

/** Beyond this many numbers the gradients of single examples are not kept. */
const mostKeptNumbers = 2 ** 24;

function withExampleGradients(visit: Visit): Visit {
  const { layer, params, x, dy } = visit;
  const size = Object.values(params).reduce((total, array) => total + array.size, 0);
  if (!layer.exampleGradients || size * (x.shape[0] ?? 0) > mostKeptNumbers) return visit;
  return { ...visit, gradients: layer.exampleGradients(params, x, dy) };
}

function squaredNorms(visit: Visit): Tensor | undefined {
  const { layer, params, x, dy, gradients } = visit;
  if (!hasParameters(params)) return undefined;
  if (gradients) {
    return Object.values(gradients)
      .map((own) => tf.sum(tf.square(own), ownAxes(own)))
      .reduce((sum, norms) => tf.add(sum, norms));
  }
  return layer.squaredGradientNorms?.(params, x, dy) ?? squaredNormsOneByOne(visit);
}

function squaredNormsOneByOne({ apply, params, x, dy }: Visit): Tensor {
  const norms = Array.from({ length: x.shape[0] ?? 0 }, (_, index) => {
    const { gradient } = pullback((own) => apply(own, row(x, index)), params, row(dy, index));
    return Object.values(gradient)
      .map((array) => tf.sum(tf.square(array)))
      .reduce((sum, norm) => tf.add(sum, norm));
  });
  return tf.stack(norms);
}

/** All axes but that of the examples. */
const ownAxes = (tensor: Tensor): number[] => tensor.shape.map((_, axis) => axis).slice(1);

function weightedGradient({ apply, params, x, dy, gradients }: Visit, factors: Tensor, finite: Tensor): LayerTensors {
  if (!hasParameters(params)) return {};
  if (gradients) {
    const weighted = Object.entries(gradients).map(([name, own]): [string, Tensor] => [
      name,
      tf.sum(tf.mul(chosenRows(own, finite), alongRows(factors, own)), 0),
    ]);
    return Object.fromEntries(weighted);
  }
  // Rows that are not finite would spoil the sum even with factor 0, on either side of the product.
  const input = chosenRows(x, finite);
  const rows = tf.mul(chosenRows(dy, finite), alongRows(factors, dy));
  return pullback((own) => apply(own, input), params, rows).gradient;
}

function row(tensor: Tensor, index: number): Tensor {
  return tf.slice(tensor, [index, ...tensor.shape.slice(1).map(() => 0)], [1, ...tensor.shape.slice(1)]);
}

/** v · 0 is 0 unless v is infinite or not a number. */
function finiteRows(values: Tensor): Tensor {
  return tf.equal(tf.mul(values, 0), 0);
}

const alongRows = (values: Tensor, like: Tensor): Tensor =>
  tf.reshape(values, [values.shape[0] ?? 0, ...like.shape.slice(1).map(() => 1)]);

/** The rows of `tensor` where the condition holds, zeros elsewhere. */
function chosenRows(tensor: Tensor, condition: Tensor): Tensor {
  return tf.where(alongRows(condition, tensor), tensor, tf.zerosLike(tensor));
}
