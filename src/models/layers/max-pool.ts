import { commuting } from '../../autodiff/index.ts';
import { type Tensor4D, tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { imageShape, requirePositiveInteger } from './checks.ts';
import { stateless } from './stateless.ts';
import { poolLabel, positions, windowsPerPixel } from './windows.ts';

export interface PoolOptions {
  /** Side of the square window. */
  readonly size?: number;
  /** The window's size where left out, so that windows do not overlap. */
  readonly stride?: number;
  readonly padding?: 'same' | 'valid';
}

/**
 * The largest value of each window, channel by channel. At a tie the gradient goes to the first, row by row.
 * @throws RangeError at an option out of range; ShapeError where the window does not fit into the input.
 */
export function maxPool({ size = 2, stride = size, padding = 'valid' }: PoolOptions = {}): Layer {
  requirePositiveInteger({ size, stride });
  const window = { size, stride, padding };
  const label = `max-pool ${poolLabel(window)}`;
  const layer = stateless({
    name: 'max-pool',
    label,
    outputShape: (inputShape) => [...positions(label, inputShape, window), imageShape(label, inputShape)[2]],
    lipschitz: { l1: windowsPerPixel(window) ** 2, l2: windowsPerPixel(window), linf: 1 },
    f: (x) => tf.maxPool(x as Tensor4D, size, stride, padding),
  });
  return commuting(layer, 'maximum');
}
