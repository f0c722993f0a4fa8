/** How a batch of images with labels is written down as numbers to search over. */

import { ndarray, sizeOf } from '../../src/arrays/ndarray.ts';
import type { Tensor } from '../../src/compile/tf.ts';
import type { Shape } from '../../src/contracts/array.ts';
import type { Model } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { type Generator, grnnLabels } from '../../src/models/generators/index.ts';
import type { Candidate } from './gradient-matching.ts';

/** Images by a generator; labels by GRNN's label branch where the generator starts from noise z, by free logits otherwise. */
export function generated(
  generator: Generator,
  { inputShape, classes }: Pick<Model, 'inputShape' | 'classes'>,
): Candidate {
  return {
    init: (rng, batch) => {
      const { params, fixed } = generator.init(rng.fork('generator'), batch, inputShape);
      const labels = fixed['z']
        ? grnnLabels.init(rng.fork('labels'), classes)
        : { logits: gaussian(rng.fork('labels'), [batch, classes], 0.1) };
      return { images: params, labels, fixed };
    },
    images: (images, fixed) => generator.apply(images, fixed, inputShape),
    logits: (labels, fixed) => labels['logits'] ?? grnnLabels.apply(labels, fixed),
  };
}

/** The pixels and the logits themselves, both from N(0, 1), without bounds (Zhu et al. 2019, Algorithm 1). */
export function pixels({ inputShape, classes }: Pick<Model, 'inputShape' | 'classes'>): Candidate {
  return {
    init: (rng, batch) => ({
      images: { pixels: gaussian(rng.fork('pixels'), [batch, ...inputShape], 1) },
      labels: { logits: gaussian(rng.fork('labels'), [batch, classes], 1) },
      fixed: {},
    }),
    images: ({ pixels: values }) => values as Tensor,
    logits: ({ logits }) => logits as Tensor,
  };
}

const gaussian = (rng: Rng, shape: Shape, std: number) =>
  ndarray(
    shape,
    rng.normal(sizeOf(shape)).map((value) => value * std),
  );
