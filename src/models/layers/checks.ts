/** Checks of a layer's options and input shapes; the messages name the option or the layer. */

import { ShapeError } from '../../arrays/errors.ts';
import type { Shape } from '../../contracts/array.ts';

/** `[height, width, channels]` */
export type ImageShape = readonly [number, number, number];

type Options = Readonly<Record<string, number>>;

function require(options: Options, rule: { readonly holds: (value: number) => boolean; readonly must: string }): void {
  for (const [name, value] of Object.entries(options)) {
    if (!rule.holds(value)) throw new RangeError(`${name} must be ${rule.must}, but is ${value}.`);
  }
}

export function requirePositiveInteger(options: Options): void {
  require(options, { holds: (value) => Number.isInteger(value) && value > 0, must: 'a positive integer' });
}

export function requireNonNegative(options: Options): void {
  require(options, { holds: (value) => value >= 0, must: 'at least 0' });
}

export function requireShare(options: Options): void {
  require(options, { holds: (value) => value >= 0 && value < 1, must: 'at least 0 and less than 1' });
}

/** @throws ShapeError where the input is not an image. */
export function imageShape(label: string, inputShape: Shape): ImageShape {
  const [height, width, channels] = inputShape;
  if (inputShape.length !== 3 || height === undefined || width === undefined || channels === undefined) {
    throw new ShapeError(`${label} needs an input [height, width, channels], but it has shape [${inputShape}].`);
  }
  return [height, width, channels];
}
