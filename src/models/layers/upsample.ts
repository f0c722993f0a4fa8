import { type Tensor, tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { imageShape, requirePositiveInteger } from './checks.ts';
import { stateless } from './stateless.ts';

/**
 * Repeats every pixel `factor` times in both directions (nearest neighbour).
 * @throws RangeError where the factor is not a positive integer; ShapeError where the input is no image.
 */
export function upsample({ factor = 2 }: { readonly factor?: number } = {}): Layer {
  requirePositiveInteger({ factor });
  const label = `upsample ×${factor}`;
  return stateless({
    name: 'upsample',
    label,
    outputShape: (inputShape) => {
      const [height, width, channels] = imageShape(label, inputShape);
      return [height * factor, width * factor, channels];
    },
    lipschitz: { l1: factor ** 2, l2: factor, linf: 1 },
    f: (x) => repeatPixels(x, factor),
  });
}

/** `[batch, height, width, channels]` → `[batch, height · factor, width · factor, channels]`. */
export function repeatPixels(x: Tensor, factor: number): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const apart = tf.reshape(x, [batch, height, 1, width, 1, channels]);
  const repeated = tf.mul(apart, tf.ones([1, 1, factor, 1, factor, 1]));
  return tf.reshape(repeated, [batch, height * factor, width * factor, channels]);
}
