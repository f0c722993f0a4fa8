/** Running TensorFlow.js kernels that have no public operation, and keeping computations off the tape. */

import { type Tensor, tf } from '../compile/tf.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/** Runs a kernel of the active backend, recorded on the tape like any operation. */
export function runKernel(name: string, inputs: Readonly<Record<string, Tensor>>, attributes: Attributes = {}): Tensor {
  type Attrs = NonNullable<Parameters<ReturnType<typeof tf.engine>['runKernel']>[2]>;
  return tf.engine().runKernel(name, { ...inputs }, attributes as Attrs);
}

/**
 * The value of an expression as a constant: no gradient flows into what it was made from, at no cost in the backward pass.
 * Nothing may be differentiated inside.
 */
export function withoutGradient(compute: () => Tensor): Tensor {
  // An operation without inputs has nothing to send a gradient to, so the backward pass drops it.
  const constant = tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }));
  return constant();
}

/** `x` as a constant. */
export function stopGradient(x: Tensor): Tensor {
  return withoutGradient(() => x.clone());
}

/** A function of one tensor, and its gradient at `x` for the gradient `dy` at the function's value. */
interface WithGradient {
  readonly value: (x: Tensor) => Tensor;
  readonly gradient: (dy: Tensor, x: Tensor) => Tensor;
}

/** The function of `x`, differentiated as told instead of step by step; what the gradient is made of is differentiated in turn. */
export function givenGradient(x: Tensor, { value, gradient }: WithGradient): Tensor {
  const f = tf.customGrad((variable, save) => {
    const input = variable as Tensor;
    (save as (tensors: Tensor[]) => void)([input]);
    return { value: value(input), gradFunc: (dy: Tensor, [saved]: Tensor[]) => gradient(dy, saved as Tensor) };
  });
  return f(x);
}
