/** Convolutions of no images, or of none of their channels: the runtime leaves in their sums what was in memory, or does not build them. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import { splat } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { type ConvAttributes, convGeometry } from './geometry.ts';

type Attributes = ConvAttributes & { readonly inputShape: Shape; readonly filterShape: Shape };
type Shapes = Readonly<Record<string, Shape>>;

/** Of the result, from those of the operands. */
const resultShapes: Readonly<Record<string, (shapes: Shapes, attributes: Attributes) => Shape>> = {
  Conv2D: ({ x, filter }, attributes) => convGeometry(x, filter, attributes).outShape,
  Conv2DBackpropInput: (_, { inputShape }) => inputShape,
  Conv2DBackpropFilter: (_, { filterShape }) => filterShape,
  DepthwiseConv2dNative: ({ x, filter }, attributes) =>
    convGeometry(x, filter, { ...attributes, depthwise: true }).outShape,
  DepthwiseConv2dNativeBackpropInput: (_, { inputShape }) => inputShape,
  DepthwiseConv2dNativeBackpropFilter: (_, { filterShape }) => filterShape,
};

/** 0 everywhere where the kernel is a convolution that adds up nothing; the same in all lanes. */
export function ofNoImages(kernel: string, shapes: Shapes, attributes: object): Value | undefined {
  const shapeOf = resultShapes[kernel];
  if (!shapeOf || Object.values(shapes).every((shape) => sizeOf(shape) > 0)) return undefined;
  return splat(0, shapeOf(shapes, attributes as Attributes));
}
