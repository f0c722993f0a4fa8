/** What the benchmarks of gradient inversion have in common: what is seen of a victim, and how a candidate is matched to it. */

import { gradientMatching } from '../attacks/matching/gradient-matching.ts';
import { compile } from '../src/compile/compile.ts';
import type { Tensor } from '../src/compile/tf.ts';
import type { Tensors } from '../src/contracts/array.ts';
import type { Model, Weights } from '../src/contracts/model.ts';
import { lossGradient } from './networks/loss-gradient.ts';

type Candidate = Parameters<typeof gradientMatching>[0]['candidate'];

/** The gradient that a client of the whole model sends. */
export function observer(model: Model) {
  const gradientOf = lossGradient(model);
  return compile('observed gradient', (t: { weights: Tensors<Weights>; x: Tensor; y: Tensor }) =>
    gradientOf(t.weights, t.x, t.y),
  );
}

/** As the quick preset of gan-inversion matches one image. */
export function matchingOf(model: Model, candidate: Candidate) {
  return gradientMatching({
    knowledge: { model, cut: model.layers.length, gradientRule: undefined, normaliser: 1 },
    candidate,
    weighting: 'per-layer',
    noise: 'joint',
    tv: 1e-3,
  });
}
