/** The parts that the generators are built of. */

import { ndarray, sizeOf } from '../../arrays/ndarray.ts';
import { normalizeInBatch } from '../../autodiff/index.ts';
import { type Tensor, type Tensor4D, tf } from '../../compile/tf.ts';
import type { NdArray, Shape } from '../../contracts/array.ts';
import type { Rng } from '../../contracts/rng.ts';
import { repeatPixels } from '../layers/upsample.ts';
import type { ImageShape } from './generator.ts';

/** Gated linear unit (Dauphin et al. 2017): the first half of the channels times the sigmoid of the second. */
export function glu(x: Tensor): Tensor {
  const half = (x.shape[x.rank - 1] as number) / 2;
  const begin = x.shape.map(() => 0);
  const size = [...x.shape.slice(0, -1), half];
  return tf.mul(tf.slice(x, begin, size), tf.sigmoid(tf.slice(x, [...begin.slice(0, -1), half], size)));
}

export interface UpBlock {
  /** `[3, 3, in, 2 · out]`, no bias. */
  readonly kernel: Tensor;
  readonly gamma: Tensor;
  readonly beta: Tensor;
}

/** ×2 upsampling, convolution, batch normalization, gated linear unit: `[h, w, in]` → `[2h, 2w, out]`. */
export function upBlock(x: Tensor, { kernel, gamma, beta }: UpBlock): Tensor {
  const convolved = tf.conv2d(repeatPixels(x, 2) as Tensor4D, kernel as Tensor4D, 1, 'same');
  return glu(normalizeInBatch(convolved, { gamma, beta, epsilon: 1e-5 }));
}

/** The middle of images that are at least as large as asked for. */
export function cropTo(images: Tensor, [height, width, channels]: ImageShape): Tensor {
  const [batch, rows, columns] = images.shape as [number, number, number, number];
  if (rows === height && columns === width) return images;
  const corner = [0, Math.floor((rows - height) / 2), Math.floor((columns - width) / 2), 0];
  return tf.slice(images, corner, [batch, height, width, channels]);
}

/** Normal draws of mean 0. */
export function normal(rng: Rng, shape: Shape, std: number): NdArray {
  return ndarray(
    shape,
    rng.normal(sizeOf(shape)).map((value) => value * std),
  );
}

/** U(±1 ÷ √in): what PyTorch's layers start from. */
export function torchUniform(rng: Rng, shape: Shape, fanIn: number): NdArray {
  const bound = 1 / Math.sqrt(fanIn);
  return ndarray(shape, rng.uniform(sizeOf(shape), -bound, bound));
}
