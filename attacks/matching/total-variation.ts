import { type Tensor, tf } from '../../src/compile/tf.ts';

/**
 * 2 (mean squared difference of vertical neighbours + that of horizontal ones), a scalar, from
 * `[batch, height, width, channels]` (Rand2AI/GRNN). Photographs and digits have little of it, noise has much.
 */
export function totalVariation(images: Tensor): Tensor {
  return tf.mul(2, tf.add(squaredSteps(images, 1), squaredSteps(images, 2)));
}

/** The mean of (x_{i+1} − x_i)² along an axis; 0 where there is one row only. */
function squaredSteps(images: Tensor, axis: 1 | 2): Tensor {
  const length = images.shape[axis] as number;
  if (length < 2) return tf.scalar(0);
  const shifted = (from: number) => {
    const begin = images.shape.map((_, index) => (index === axis ? from : 0));
    const size = images.shape.map((all, index) => (index === axis ? length - 1 : all));
    return tf.slice(images, begin, size);
  };
  return tf.mean(tf.square(tf.sub(shifted(1), shifted(0))));
}
