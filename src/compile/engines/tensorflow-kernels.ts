/**
 * Where the kernels of tfjs-node cannot do, or do otherwise, what those of TensorFlow.js do: windows over images whose padding
 * is given in numbers, and the gradient of average pooling, which TensorFlow.js divides by the whole window. These run on an
 * image that has its padding already. Depthwise convolutions know no dilation there: they get a filter that is spread out.
 */

import {
  type ConvAttributes,
  convGeometry,
  type Geometry,
  type PoolAttributes,
  poolGeometry,
  windowCounts,
} from '../lowerings/geometry.ts';
import { type Tensor, type Tensor4D, tf } from '../tf.ts';

type Tensors = Readonly<Record<string, Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;
type Shape = readonly number[];

interface Windows {
  readonly geometry: (inputs: Tensors, attributes: Attributes) => Geometry;
  /** The input that is an image, and what its padding holds. */
  readonly image?: { readonly input: string; readonly filler: number };
  /** The attribute that holds the image's shape, where no input is the image. */
  readonly shape?: string;
  /** Whether the result is an image that still has the padding. */
  readonly givesImage?: boolean;
  readonly finish?: (result: Tensor, geometry: Geometry) => Tensor;
  /** Whether the kernel is right for padding 'same'. */
  readonly knowsSame?: boolean;
}

const pooled =
  (input: string): Windows['geometry'] =>
  (inputs, attributes) =>
    poolGeometry((inputs[input] as Tensor).shape, attributes as unknown as PoolAttributes);

const conv = (image: Shape, filter: Shape, attributes: Attributes): Geometry =>
  convGeometry(image, filter, attributes as unknown as ConvAttributes);

const kernels: Readonly<Record<string, Windows>> = {
  Conv2D: {
    geometry: ({ x, filter }, attributes) => conv((x as Tensor).shape, (filter as Tensor).shape, attributes),
    image: { input: 'x', filler: 0 },
    knowsSame: true,
  },
  Conv2DBackpropFilter: {
    geometry: ({ x }, attributes) => conv((x as Tensor).shape, attributes['filterShape'] as Shape, attributes),
    image: { input: 'x', filler: 0 },
    knowsSame: true,
  },
  Conv2DBackpropInput: {
    geometry: ({ filter }, attributes) => conv(attributes['inputShape'] as Shape, (filter as Tensor).shape, attributes),
    shape: 'inputShape',
    givesImage: true,
    knowsSame: true,
  },
  MaxPool: { geometry: pooled('x'), image: { input: 'x', filler: Number.NEGATIVE_INFINITY }, knowsSame: true },
  MaxPoolGrad: {
    geometry: pooled('input'),
    image: { input: 'input', filler: Number.NEGATIVE_INFINITY },
    givesImage: true,
    knowsSame: true,
  },
  AvgPool: { geometry: pooled('x'), image: { input: 'x', filler: 0 }, finish: overPresent, knowsSame: true },
  AvgPoolGrad: { geometry: pooled('input'), image: { input: 'input', filler: 0 }, givesImage: true },
};

/** Puts the kernels above in the place of the backend's own. */
export function adaptKernels(backendName: string): void {
  for (const [kernelName, windows] of Object.entries(kernels)) {
    const { kernelFunc } = tf.getKernel(kernelName, backendName);
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ kernelName, backendName, kernelFunc: adapted(kernelFunc, windows) });
  }
  const { kernelFunc } = tf.getKernel(depthwise, backendName);
  tf.unregisterKernel(depthwise, backendName);
  tf.registerKernel({ kernelName: depthwise, backendName, kernelFunc: undilated(kernelFunc) });
}

const depthwise = 'DepthwiseConv2dNative';

function undilated(kernelFunc: KernelFunc): KernelFunc {
  return (call) => {
    const attributes = (call.attrs ?? {}) as Attributes;
    const { dilations } = attributes;
    const [down, across] = typeof dilations === 'number' ? [dilations, dilations] : (dilations as [number, number]);
    if (down === 1 && across === 1) return kernelFunc(call);
    const { x, filter } = call.inputs as unknown as Tensors;
    return kernelFunc({
      ...call,
      inputs: { x, filter: spread(filter as Tensor, down, across) } as never,
      attrs: { ...attributes, dilations: [1, 1] } as never,
    });
  };
}

/** `[h, w, …]` with zeros between: `[(h − 1) · down + 1, (w − 1) · across + 1, …]`. */
function spread(filter: Tensor, down: number, across: number): Tensor {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, channels * multiplier]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const whole = tf.reshape(apart, [height * down, width * across, channels, multiplier]);
  return tf.slice(whole, [0, 0, 0, 0], [(height - 1) * down + 1, (width - 1) * across + 1, channels, multiplier]);
}

type KernelFunc = ReturnType<typeof tf.getKernel>['kernelFunc'];

function adapted(kernelFunc: KernelFunc, windows: Windows): KernelFunc {
  return (call) => {
    const attributes = (call.attrs ?? {}) as Attributes;
    const { pad } = attributes;
    if (pad === 'valid' || (pad === 'same' && windows.knowsSame)) return kernelFunc(call);
    const inputs = call.inputs as unknown as Tensors;
    const geometry = windows.geometry(inputs, attributes);
    const result = kernelFunc({
      ...call,
      inputs: withPadding(inputs, windows, geometry) as never,
      attrs: validAttributes(attributes, windows, geometry) as never,
    });
    const tensor = result instanceof tf.Tensor ? result : tf.engine().makeTensorFromTensorInfo(result as Tensor);
    const whole = windows.givesImage ? withoutPadding(tensor, geometry) : tensor;
    return windows.finish?.(whole, geometry) ?? whole;
  };
}

function withPadding(inputs: Tensors, { image }: Windows, { before, after }: Geometry): Tensors {
  if (!image) return inputs;
  const paddings: [number, number][] = [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ];
  return { ...inputs, [image.input]: tf.pad(inputs[image.input] as Tensor, paddings, image.filler) };
}

function validAttributes(attributes: Attributes, { shape }: Windows, { before, after }: Geometry): Attributes {
  if (!shape) return { ...attributes, pad: 'valid' };
  const [batch, height, width, channels] = attributes[shape] as [number, number, number, number];
  const padded = [batch, height + before[0] + after[0], width + before[1] + after[1], channels];
  return { ...attributes, pad: 'valid', [shape]: padded };
}

function withoutPadding(image: Tensor, { input, before }: Geometry): Tensor {
  const [batch = 0, , , channels = 0] = image.shape;
  return tf.slice(image as Tensor4D, [0, ...before, 0], [batch, ...input, channels]);
}

/** Of a mean over padding too, the mean over the rest. */
function overPresent(mean: Tensor, geometry: Geometry): Tensor {
  const area = geometry.kernel[0] * geometry.kernel[1];
  const factors = windowCounts(geometry).map((count) => area / count);
  return tf.mul(mean, tf.tensor(factors, [1, ...geometry.output, 1]));
}
