import { type Tensor4D, tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { imageShape, requirePositiveInteger } from './checks.ts';
import type { PoolOptions } from './max-pool.ts';
import { stateless } from './stateless.ts';
import { poolLabel, positions, windowsPerPixel } from './windows.ts';

/**
 * The mean of each window, channel by channel; padding does not count.
 * @throws RangeError at an option out of range; ShapeError where the window does not fit into the input.
 */
export function avgPool({ size = 2, stride = size, padding = 'valid' }: PoolOptions = {}): Layer {
  requirePositiveInteger({ size, stride });
  const window = { size, stride, padding };
  const label = `avg-pool ${poolLabel(window)}`;
  return stateless({
    name: 'avg-pool',
    label,
    outputShape: (inputShape) => [...positions(label, inputShape, window), imageShape(label, inputShape)[2]],
    lipschitz: padding === 'valid' ? meanLipschitz(size, windowsPerPixel(window)) : undefined,
    f: (x) => tf.avgPool(x as Tensor4D, size, stride, padding),
  });
}

/** A pixel adds 1 ÷ size² to each of its windows; in L2, √(‖A‖₁ · ‖A‖∞) with ‖A‖∞ = 1. Smaller windows at an edge weigh more. */
const meanLipschitz = (size: number, windows: number) => ({
  l1: (windows / size) ** 2,
  l2: windows / size,
  linf: 1,
});
