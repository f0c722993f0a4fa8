/** A network from smashed data back to images, for any cut. */

import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { Shape, Tensors } from '../../src/contracts/array.ts';
import type { Layer, Params } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { cropTo } from '../../src/models/generators/blocks.ts';
import type { ImageShape } from '../../src/models/generators/index.ts';
import { he } from '../../src/models/initializers.ts';
import { conv2d, dense, flatten, relu } from '../../src/models/layers/index.ts';
import { applyLayers, initWeights } from '../../src/models/network.ts';

export interface DecoderDesign {
  /** Of one example: `[height, width, channels]`, or `[features]`. */
  readonly smashedShape: Shape;
  readonly imageShape: ImageShape;
  /** Units of the dense branch. */
  readonly hidden: number;
  /** Channels of the convolutional branch. */
  readonly filters: number;
}

/** The parameters of each branch. */
export type DecoderParams = readonly Params[];

export interface Decoder {
  init(rng: Rng): DecoderParams;
  /** `[batch, height, width, channels]` in (0, 1), from smashed data of mean about 0 and standard deviation about 1. */
  apply(params: Tensors<DecoderParams>, smashed: Tensor): Tensor;
}

/** One way from smashed data to an image; the decoder adds them up. */
interface Branch {
  readonly layers: readonly Layer[];
  /** Output of the layers → `[batch, height, width, channels]`. */
  readonly toImage: (output: Tensor) => Tensor;
}

/**
 * sigmoid(convolutional branch + dense branch). The first knows where things are and sharpens (it is there where the smashed data
 * are images themselves), the second sees everything at once and completes what pooling and noise destroyed.
 */
export function decoder(design: DecoderDesign): Decoder {
  const { smashedShape } = design;
  const branches =
    smashedShape.length === 3 ? [convolutional(design), fullyConnected(design)] : [fullyConnected(design)];
  return {
    init: (rng) =>
      branches.map(
        ({ layers }, index) => initWeights({ layers, inputShape: smashedShape }, rng.fork(`branch-${index}`)).params,
      ),
    apply: (params, smashed) => {
      const logits = branches.map(({ layers, toImage }, index) => {
        const own = params[index] as Tensors<Params>;
        const weights = { params: own, state: own.map(() => ({})) };
        return toImage(applyLayers(layers, weights, smashed, { training: true }).output);
      });
      return tf.sigmoid(logits.reduce((sum, term) => tf.add(sum, term)));
    },
  };
}

function fullyConnected({ imageShape, hidden }: DecoderDesign): Branch {
  const [height, width, channels] = imageShape;
  return {
    layers: [flatten(), dense({ units: hidden, init: he }), relu(), dense({ units: height * width * channels })],
    toImage: (output) => tf.reshape(output, [output.shape[0] as number, ...imageShape]),
  };
}

/** Three convolutions at the cut's resolution; the last writes factor² pixels for each place. */
function convolutional({ smashedShape, imageShape, filters }: DecoderDesign): Branch {
  const [rows = 1, columns = 1] = smashedShape;
  const [height, width, channels] = imageShape;
  const factor = Math.ceil(Math.max(height / rows, width / columns));
  return {
    layers: [
      conv2d({ filters, kernel: 5, init: he }),
      relu(),
      conv2d({ filters, kernel: 3, init: he }),
      relu(),
      conv2d({ filters: factor ** 2 * channels, kernel: 3 }),
    ],
    toImage: (output) => cropTo(depthToSpace(output, factor), imageShape),
  };
}

/** `[batch, h, w, factor² · c]` → `[batch, h · factor, w · factor, c]` (Shi et al. 2016, pixel shuffle). */
function depthToSpace(x: Tensor, factor: number): Tensor {
  const [batch, rows, columns, depth] = x.shape as [number, number, number, number];
  const channels = depth / factor ** 2;
  const apart = tf.reshape(x, [batch, rows, columns, factor, factor, channels]);
  const inPlace = tf.transpose(apart, [0, 1, 3, 2, 4, 5]);
  return tf.reshape(inPlace, [batch, rows * factor, columns * factor, channels]);
}
