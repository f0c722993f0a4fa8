/**
 * Gradients over structures of tensors, for use inside compiled functions. They nest: the gradient of an expression that
 * contains a gradient is right. The variables are those handed to the function; what it captures is constant to it.
 */

import './gradients.ts';
import { leavesOf, mapLeaves } from '../arrays/tree.ts';
import { keepAlive } from '../compile/keep.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Tree } from '../contracts/array.ts';

type IsTensor = (node: object) => node is Tensor;
const isTensor: IsTensor = (node): node is Tensor => node instanceof tf.Tensor;

/** A value to differentiate, alone or with further results of the same computation. */
export type Differentiable<Aux> = Tensor | { readonly value: Tensor; readonly aux: Aux };

export interface Differentiated<Params, Aux> {
  readonly value: Tensor;
  /** Of the structure of the parameters. */
  readonly gradient: Params;
  readonly aux: Aux;
}

/**
 * The value of a scalar loss, its gradient with respect to every tensor in `params`, and what else the loss returned.
 * Parameters that the loss does not use have gradient 0.
 *
 * @throws RangeError where the loss is not a scalar.
 * @example
 * const { value, gradient } = valueAndGrad(({ w }) => tf.sum(tf.square(w)), { w }); // gradient.w = 2 w
 */
export function valueAndGrad<Params, Aux = undefined>(
  loss: (params: Params) => Differentiable<Aux>,
  params: Params,
): Differentiated<Params, Aux> {
  const result = differentiate(loss, params, undefined);
  if (result.value.size !== 1) throw new RangeError(`a loss must be a scalar, but has shape [${result.value.shape}].`);
  return result;
}

/** The gradient of a scalar loss; see `valueAndGrad`. */
export function grad<Params>(loss: (params: Params) => Tensor, params: Params): Params {
  return valueAndGrad(loss, params).gradient;
}

/**
 * The vector-Jacobian product: the gradient of ⟨f(x), dy⟩ with respect to every tensor in `x`.
 * `dy` has the shape of the value of `f`.
 */
export function pullback<X, Aux = undefined>(
  f: (x: X) => Differentiable<Aux>,
  x: X,
  dy: Tensor,
): Differentiated<X, Aux> {
  return differentiate(f, x, dy);
}

function differentiate<Params, Aux>(
  f: (params: Params) => Differentiable<Aux>,
  params: Params,
  dy: Tensor | undefined,
): Differentiated<Params, Aux> {
  // Copies, so that a tensor used by `params` twice, or captured by `f` as well, is a variable of its own each time.
  const variables = leavesOf(params as Tree<Tensor>, isTensor).map((leaf) => leaf.clone());
  let aux = undefined as Aux;
  const evaluate = (): Tensor => {
    const result = f(withLeaves(params, variables));
    if (result instanceof tf.Tensor) return result;
    aux = keepTensors(result.aux);
    return result.value;
  };
  if (variables.length === 0) return { value: evaluate(), gradient: params, aux };
  const { value, grads } = tf.engine().gradients(evaluate, variables, dy, true);
  const gradients = variables.map((variable, index) => grads[index] ?? tf.zerosLike(variable));
  return { value, gradient: withLeaves(params, gradients), aux };
}

function withLeaves<T>(tree: T, leaves: readonly Tensor[]): T {
  let index = 0;
  return mapLeaves(tree as Tree<object>, isTensor, () => leaves[index++] as Tensor) as T;
}

/** Tensors made while differentiating are released with the tape; these are wanted longer. */
function keepTensors<T>(tree: T): T {
  return mapLeaves(tree as Tree<object>, isTensor, (tensor) => keepAlive(tensor as Tensor)) as T;
}
