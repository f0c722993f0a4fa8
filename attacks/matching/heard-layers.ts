/** Which noise reaches what its layer computes: not that of a defense that is switched off, drawn but multiplied by 0. */

import { full, ndarray, sizeOf, zeros } from '../../src/arrays/ndarray.ts';
import { seededRng } from '../../src/arrays/rng.ts';
import { compile } from '../../src/compile/compile.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { LayerNoise, Model, NoiseSpec, Weights } from '../../src/contracts/model.ts';
import { applyLayers, initWeights } from '../../src/models/network.ts';

/** So loud a draw that rounding swallows none of it. */
const loud = 1e6;

/**
 * For each layer, whether its draws change its output. A layer says that it draws noise, not at which scale: so it is run, at
 * initial weights on a random image, with draws of 0 and with loud ones.
 */
export async function heardLayers(
  { layers, inputShape }: Pick<Model, 'layers' | 'inputShape'>,
  specs: readonly (NoiseSpec | undefined)[],
): Promise<readonly boolean[]> {
  const rng = seededRng(0);
  const weights = initWeights({ layers, inputShape }, rng.fork('weights'));
  const x = ndarray([1, ...inputShape], rng.fork('x').uniform(sizeOf(inputShape)));
  const silence = specs.map((spec) => spec && zeros([1, ...spec.shape]));
  const isHeard = async (index: number, { shape }: NoiseSpec) => {
    const output = compile('output of a noise layer', (given: Tensors<Run>) => {
      const options = { noise: given.noise, training: false };
      return applyLayers(layers.slice(0, index + 1), given.weights, given.x, options).output;
    });
    const { data: quiet } = await output({ weights, x, noise: silence });
    const { data } = await output({ weights, x, noise: silence.with(index, full([1, ...shape], loud)) });
    return data.some((value, i) => value !== quiet[i]);
  };
  return Promise.all(specs.map((spec, index) => (spec ? isHeard(index, spec) : false)));
}

interface Run {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly noise: LayerNoise;
}
