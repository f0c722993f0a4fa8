/** Output sizes of layers whose window slides over an image. */

import { ShapeError } from '../../arrays/errors.ts';
import type { Shape } from '../../contracts/array.ts';
import { imageShape } from './checks.ts';

/** `same`: ⌈size ÷ stride⌉ positions; `valid`: no padding; a number: as many zeros on every side. */
export type Padding = 'same' | 'valid' | number;

export interface SlidingWindow {
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

/**
 * `[height, width]` of the positions of a window on an image.
 * @throws ShapeError where the input is no image, or smaller than the window.
 */
export function positions(label: string, inputShape: Shape, window: SlidingWindow): readonly [number, number] {
  const [height, width] = imageShape(label, inputShape);
  const [rows, columns] = [positionsAlong(height, window), positionsAlong(width, window)];
  if (rows < 1 || columns < 1) {
    throw new ShapeError(
      `${label} needs an image of at least ${window.size}×${window.size}, but its input has shape [${inputShape}].`,
    );
  }
  return [rows, columns];
}

function positionsAlong(length: number, { size, stride, padding }: SlidingWindow): number {
  if (padding === 'same') return Math.ceil(length / stride);
  const margin = padding === 'valid' ? 0 : padding;
  return Math.floor((length + 2 * margin - size) / stride) + 1;
}

/** `5×5×16 stride 2 valid`: of a convolution with so many filters. */
export function convolutionLabel({ size, stride, padding }: SlidingWindow, filters: number): string {
  const step = stride === 1 ? '' : ` stride ${stride}`;
  return `${size}×${size}×${filters}${step} ${typeof padding === 'number' ? `padding ${padding}` : padding}`;
}

/** `2×2`, with stride and padding where windows overlap or reach over the edge. */
export function poolLabel({ size, stride, padding }: SlidingWindow): string {
  const step = stride === size ? '' : ` stride ${stride}`;
  return `${size}×${size}${step}${padding === 'valid' ? '' : ` ${padding}`}`;
}

/** In how many windows a pixel can be, along one axis. */
export function windowsPerPixel({ size, stride }: SlidingWindow): number {
  return Math.ceil(size / stride);
}
