import { full, zeros } from '../../arrays/ndarray.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { LayerArrays, LayerTensors } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';
import { cropTo, glu, torchUniform, upBlock } from './blocks.ts';
import type { Generator } from './generator.ts';

/** Length of the noise that stands for one image. */
const noiseLength = 128;
const width = 32;

/**
 * The generator of GRNN (Ren et al. 2022; github.com/Rand2AI/GRNN Generator/model.py): fixed noise z `[batch, 128]`;
 * transposed convolution to 4×4 and gated linear unit; blocks of ×2 upsampling, convolution, batch normalization and gated
 * linear unit up to the image's size, the last one with its channels; sigmoid. Images whose side is no power of two from 8
 * on are cropped from the next larger one.
 */
export const grnn: Generator = {
  name: 'grnn',
  init: (rng, batch, [height, imageWidth, channels]) => {
    const blocks = blockWidths(Math.max(height, imageWidth), channels);
    const first = 2 * (blocks[0] as BlockWidth).inputs;
    const stem = (name: string, shape: readonly number[]) => torchUniform(rng.fork(name), shape, 16 * first);
    const params = {
      stem: stem('stem', [noiseLength, 16 * first]),
      stemBias: stem('stem-bias', [first]),
      ...Object.fromEntries(blocks.flatMap((block, index) => Object.entries(initBlock(rng, block, index)))),
    };
    const fixed = { z: { shape: [batch, noiseLength], data: rng.fork('z').normal(batch * noiseLength) } };
    return { params, fixed };
  },
  apply: (params, { z }, imageShape) => {
    const [batch] = (z as Tensor).shape as [number, number];
    const channels = (params['stemBias'] as Tensor).shape[0] as number;
    const spread = tf.reshape(tf.matMul(z as Tensor, params['stem'] as Tensor), [batch, 4, 4, channels]);
    let images = glu(tf.add(spread, params['stemBias'] as Tensor));
    for (let index = 0; params[`kernel${index}`]; index += 1) {
      images = upBlock(images, {
        kernel: params[`kernel${index}`] as Tensor,
        gamma: params[`gamma${index}`] as Tensor,
        beta: params[`beta${index}`] as Tensor,
      });
    }
    return cropTo(tf.sigmoid(images), imageShape);
  },
};

interface BlockWidth {
  readonly inputs: number;
  readonly outputs: number;
}

/** log₂(size) − 3 blocks that halve the channels down to 32, and one that ends with the image's. */
function blockWidths(size: number, channels: number): readonly BlockWidth[] {
  const halvings = Math.max(0, Math.ceil(Math.log2(size)) - 3);
  const inner = Array.from({ length: halvings }, (_, index) => width * 2 ** (halvings - index));
  return [...inner, width].map((inputs, index) => ({ inputs, outputs: index === halvings ? channels : inputs / 2 }));
}

function initBlock(rng: Rng, { inputs, outputs }: BlockWidth, index: number): LayerArrays {
  return {
    [`kernel${index}`]: torchUniform(rng.fork(`kernel${index}`), [3, 3, inputs, 2 * outputs], 9 * inputs),
    [`gamma${index}`]: full([2 * outputs], 1),
    [`beta${index}`]: zeros([2 * outputs]),
  };
}

/** GRNN's label branch: one dense layer from the same noise to the logits, `[batch, classes]`. */
export const grnnLabels = {
  init: (rng: Rng, classes: number): LayerArrays => ({
    kernel: torchUniform(rng.fork('kernel'), [noiseLength, classes], noiseLength),
    bias: torchUniform(rng.fork('bias'), [classes], noiseLength),
  }),
  apply: (params: LayerTensors, { z }: LayerTensors): Tensor =>
    tf.add(tf.matMul(z as Tensor, params['kernel'] as Tensor), params['bias'] as Tensor),
};
