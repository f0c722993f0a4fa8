/** Weights that concentrate what an input moves on one output: the worst there are for a noise layer. */

import type { NdArray, Shape } from '../../contracts/array.ts';
import type { Layer, Weights } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';
import { initWeights } from '../../models/network.ts';

/**
 * Every kernel is 0 but for a 1 from the first input channel to the first output, at the middle tap. A claim holds for all
 * weights, and a pair moves the output as far under others with the same sensitivity; but independent Laplace noise hides a
 * move that is spread over many outputs far better than its ε says, so that only concentrated ones put the claim to the test.
 */
export function diracWeights(layers: readonly Layer[], inputShape: Shape, rng: Rng): Weights {
  const { params, state } = initWeights({ layers, inputShape }, rng);
  const concentrated = params.map(({ kernel, ...others }) =>
    kernel ? { ...others, kernel: dirac(kernel) } : { ...others },
  );
  return { params: concentrated, state };
}

/** `[height, width, in, out]` or `[in, out]`. */
function dirac({ shape, data }: NdArray): NdArray {
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  const taps = data.length / (inputs * outputs);
  const middle = (taps >> 1) * inputs * outputs;
  return { shape, data: Float32Array.from(data, (_, i) => (i === middle ? 1 : 0)) };
}
