/** One convolution and its two gradients by themselves: 64 → 64 channels, 3×3, 16×16 places, batch 32. */

import { grad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, type Tensor4D, tf } from '../src/compile/tf.ts';
import type { NdArray } from '../src/contracts/array.ts';
import type { Benchmark } from './bench.ts';
import { centred, norm } from './values.ts';

const shape = { image: [32, 16, 16, 64], kernel: [3, 3, 64, 64] };

interface Inputs {
  readonly x: Tensor;
  readonly kernel: Tensor;
  readonly dy: Tensor;
}

const convolve = (x: Tensor, kernel: Tensor): Tensor => tf.conv2d(x as Tensor4D, kernel as Tensor4D, 1, 1);
const paired = (output: Tensor, dy: Tensor): Tensor => tf.sum(tf.mul(output, dy));

const works = {
  forward: ({ x, kernel }: Inputs) => convolve(x, kernel),
  'input-gradient': ({ x, kernel, dy }: Inputs) => grad((own) => paired(convolve(own, kernel), dy), x),
  'filter-gradient': ({ x, kernel, dy }: Inputs) => grad((own) => paired(convolve(x, own), dy), kernel),
};

export const convolutions: readonly Benchmark[] = Object.entries(works).map(([work, body]) => ({
  name: `conv-${work}`,
  summary: `${work.replace('-', ' ')} of a convolution 64 → 64, 3×3, 16×16, batch 32`,
  threads: 1,
  iterations: 30,
  targets: { pytorch: 1.2 },
  async prepare() {
    const run = compile(`conv ${work}`, (inputs: Inputs) => ({ result: body(inputs) }));
    const inputs = {
      x: centred(shape.image, 1, 1),
      kernel: centred(shape.kernel, 2, 0.1),
      dy: centred(shape.image, 3, 1),
    };
    const iterate = (): Promise<{ result: NdArray }> => run(inputs);
    return { iterate, check: async () => [norm((await iterate()).result)] };
  },
}));
