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
