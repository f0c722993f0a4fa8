/**
 * Which of several ways to compute a convolution's gradients is taken for which shape: measured with one thread on ONNX
 * Runtime's CPU provider. All give the same numbers up to rounding.
 *
 * | gradient | batch  | channels                    | kernel      | way                                             |
 * |----------|--------|-----------------------------|-------------|-------------------------------------------------|
 * | filter   | 1      |                             | up to 3 × 3 | shifted products                                |
 * | filter   | 1      |                             | larger      | swapped convolution                             |
 * | filter   | 2 … 7  |                             |             | swapped convolution                             |
 * | filter   | ≥ 8    | in · kernel area ≤ 150      | over 1 × 1  | one gather of columns, one product              |
 * | filter   | ≥ 8    | more                        |             | shifted products                                |
 * | input    |        | in and out ≥ 16, stride 1   |             | convolution with the filter turned by 180°      |
 * | input    |        | otherwise                   |             | transposed convolution                          |
 */

export interface ConvSize {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
}

export type FilterGradientWay = 'columns' | 'shifts' | 'swapped';
export type InputGradientWay = 'turned' | 'transposed';

export function filterGradientWay({ batch, inChannels, kernel }: ConvSize): FilterGradientWay {
  const area = kernel[0] * kernel[1];
  if (batch === 1) return area <= 9 ? 'shifts' : 'swapped';
  if (batch < 8) return 'swapped';
  return area > 1 && inChannels * area <= 150 ? 'columns' : 'shifts';
}

export function inputGradientWay({ inChannels, outChannels, strides }: ConvSize): InputGradientWay {
  const wide = inChannels >= 16 && outChannels >= 16;
  return wide && strides[0] === 1 && strides[1] === 1 ? 'turned' : 'transposed';
}
