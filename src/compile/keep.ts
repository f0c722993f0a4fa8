/** Tensors that must outlive the tidy in which they were made, until the compiled function that made them returns. */

import { type Tensor, tf } from './tf.ts';

const kept: Tensor[] = [];

/** Lets a value made inside a differentiated function be used outside of it. */
export function keepAlive<T extends Tensor>(tensor: T): T {
  kept.push(tf.keep(tensor));
  return tensor;
}

/** Called by the engines when a compiled function has returned. */
export function disposeKept(): void {
  for (const tensor of kept.splice(0)) tensor.dispose();
}
