/** Adding secure noise inside a graph: see src/arrays/lattice.ts. */

import { latticeStep } from '../arrays/lattice.ts';
import { stopGradient } from '../autodiff/index.ts';
import { type Tensor, tf } from '../compile/tf.ts';

/** value + scale · draws, exact on the lattice; `scale` is a tensor or a positive number, draws are multiples of the step. */
export function addOnLattice(value: Tensor, draws: Tensor, scale: Tensor | number): Tensor {
  return tf.mul(tf.add(rounded(tf.div(value, scale)), draws), scale);
}

/** The nearest multiple of the step, with the gradient of x itself. x + (rounded − x) is exact: both lie within a factor of two. */
function rounded(x: Tensor): Tensor {
  const nearest = tf.mul(tf.round(tf.div(x, latticeStep)), latticeStep);
  return tf.add(x, stopGradient(tf.sub(nearest, x)));
}
