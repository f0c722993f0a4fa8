import { compile } from '../../src/compile/compile.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { Reconstruction } from '../../src/contracts/attack.ts';
import type { Given, GradientMatching, Unknowns } from './gradient-matching.ts';
import type { Attempt } from './search.ts';

/** Reads images, clipped to [0, 1], and the likeliest labels out of what a search found. */
export function reconstructor(matching: GradientMatching): (attempt: Attempt) => Promise<Reconstruction> {
  const decode = compile(
    'decode',
    ({ unknowns, given }: { readonly unknowns: Tensors<Unknowns>; readonly given: Tensors<Given> }) =>
      matching.decode(unknowns, given),
  );
  return async ({ found, given }) => {
    const { images, labels } = await decode({ unknowns: found.unknowns, given });
    const { objective, path } = found;
    return { images: clipped(images), labels: likeliest(labels), objective, path };
  };
}

const clipped = ({ shape, data }: NdArray): NdArray => ({
  shape,
  data: data.map((value) => Math.min(1, Math.max(0, value))),
});

/** Index of the largest entry of each row. */
function likeliest({ shape: [count = 0, classes = 0], data }: NdArray): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => {
    const scores = data.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY));
  });
}
