import { full, zeros } from '../../arrays/ndarray.ts';
import { type Tensor, type Tensor4D, tf } from '../../compile/tf.ts';
import { glorot } from '../initializers.ts';
import { cropTo, glu, normal, upBlock } from './blocks.ts';
import type { Generator } from './generator.ts';

const width = 16;
/** Makes the latent move as far per step of Adam as it needs to. */
const latentScale = 30;

/**
 * A learned map of ¼ of the image's size and 32 channels, scaled by 30; gated linear unit; two blocks of ×2 upsampling,
 * convolution, batch normalization and gated linear unit (to 8 and 4 channels); convolution, sigmoid. The form of GRNN
 * (Ren et al. 2022) that inverts in 400 steps of Adam 0.1 where the published one takes 1,000 of RMSprop.
 * Sizes that 4 does not divide are cropped from the next larger one.
 */
export const latent: Generator = {
  name: 'latent',
  init: (rng, batch, [height, imageWidth, channels]) => {
    const kernel = (name: string, inputs: number, outputs: number) =>
      glorot.kernel(rng.fork(name), [3, 3, inputs, outputs], { in: 9 * inputs, out: 9 * outputs });
    const start = [batch, Math.ceil(height / 4), Math.ceil(imageWidth / 4), 2 * width];
    const params = {
      latent: normal(rng.fork('latent'), start, 0.5 / latentScale),
      kernel1: kernel('kernel1', width, width),
      gamma1: full([width], 1),
      beta1: zeros([width]),
      kernel2: kernel('kernel2', width / 2, width / 2),
      gamma2: full([width / 2], 1),
      beta2: zeros([width / 2]),
      kernel3: kernel('kernel3', width / 4, channels),
      bias3: zeros([channels]),
    };
    return { params, fixed: {} };
  },
  apply: (params, _, imageShape) => {
    const p = (name: string) => params[name] as Tensor;
    const start = glu(tf.mul(p('latent'), latentScale));
    const small = upBlock(start, { kernel: p('kernel1'), gamma: p('gamma1'), beta: p('beta1') });
    const large = upBlock(small, { kernel: p('kernel2'), gamma: p('gamma2'), beta: p('beta2') });
    const output = tf.conv2d(large as Tensor4D, p('kernel3') as Tensor4D, 1, 'same');
    return cropTo(tf.sigmoid(tf.add(output, p('bias3'))), imageShape);
  },
};
