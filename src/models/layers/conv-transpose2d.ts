import { filterGradientNorms } from '../../autodiff/index.ts';
import { type Tensor, type Tensor4D, tf } from '../../compile/tf.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Layer } from '../../contracts/model.ts';
import { glorot, type Initialization } from '../initializers.ts';
import { imageShape, requirePositiveInteger } from './checks.ts';
import { biasGradientNorms } from './conv2d.ts';
import { convolutionLabel } from './windows.ts';

export interface ConvTranspose2dOptions {
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  readonly stride?: number;
  /** `same`: stride times the input's size; `valid`: (size − 1) · stride + kernel. */
  readonly padding?: 'same' | 'valid';
  readonly init?: Initialization;
}

/**
 * The input gradient of a convolution, used forward: `[height, width, in]` → `[height′, width′, filters]`.
 * Parameters: `kernel` `[k, k, filters, in]`, `bias` `[filters]`.
 * @throws RangeError at an option out of range; ShapeError where the input is no image.
 */
export function convTranspose2d(options: ConvTranspose2dOptions): Layer {
  const { filters, kernel, stride = 1, padding = 'same', init = glorot } = options;
  requirePositiveInteger({ filters, kernel, stride });
  const window = { size: kernel, stride, padding };
  const label = `conv-transpose2d ${convolutionLabel(window, filters)}`;
  const grown = (size: number) => (padding === 'same' ? size * stride : (size - 1) * stride + Math.max(kernel, stride));
  const outputShape = (inputShape: Shape): Shape => {
    const [height, width] = imageShape(label, inputShape);
    return [grown(height), grown(width), filters];
  };
  return {
    name: 'conv-transpose2d',
    label,
    outputShape,
    init: (rng, inputShape) => {
      const channels = imageShape(label, inputShape)[2];
      const fan = { in: kernel * kernel * channels, out: kernel * kernel * filters };
      const params = {
        kernel: init.kernel(rng.fork('kernel'), [kernel, kernel, filters, channels], fan),
        bias: init.bias(rng.fork('bias'), [filters], fan),
      };
      return { params, state: {} };
    },
    apply: (params, x) => {
      const shape = [x.shape[0], ...outputShape(x.shape.slice(1))] as [number, number, number, number];
      const output = tf.conv2dTranspose(x as Tensor4D, params['kernel'] as Tensor4D, shape, stride, padding);
      return { output: tf.add(output, params['bias'] as Tensor), state: {} };
    },
    // The roles of input and output gradient are exchanged.
    squaredGradientNorms: (_, x, dy) => tf.add(filterGradientNorms({ x: dy, dy: x, window }), biasGradientNorms(dy)),
  };
}
