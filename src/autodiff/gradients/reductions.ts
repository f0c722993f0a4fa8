/** Softmax, extrema, running sums, and tiling. */

import { type Tensor, tf } from '../../compile/tf.ts';
import { withoutGradient } from '../kernel.ts';
import { fromInput, type GradientConfig } from './rule.ts';

/** dx = y ∘ (dy − Σ dy ∘ y), y recomputed from the input. */
const softmax = fromInput(
  'Softmax',
  (dy, logits, { dim }) => {
    const y = tf.softmax(logits, dim as number);
    const weighted = tf.mul(dy, y);
    return tf.sub(weighted, tf.mul(tf.sum(weighted, dim as number, true), y));
  },
  'logits',
);

/** The gradient goes to the extreme entries, in equal parts where several share the extremum. */
function extremum(kernelName: string, find: (x: Tensor, axes: number[], keepDims: boolean) => Tensor): GradientConfig {
  return fromInput(kernelName, (dy, x, { reductionIndices, axis }) => {
    const axes = tf.util.parseAxisParam((reductionIndices ?? axis) as number[], x.shape); // Max has the one, Min the other
    const share = withoutGradient(() => {
      const mask = tf.cast(tf.equal(x, find(x, axes, true)), 'float32');
      return tf.div(mask, tf.sum(mask, axes, true));
    });
    const kept = x.shape.map((size, index) => (axes.includes(index) ? 1 : size));
    return tf.mul(tf.reshape(dy, kept), share);
  });
}

/** Sum over the repetitions: any rank, where TensorFlow.js stops at four and adds slice by slice. */
const tile = fromInput('Tile', (dy, x, { reps }) => {
  const times = reps as readonly number[];
  const split = x.shape.flatMap((size, axis) => [times[axis] as number, size]);
  const repeated = times.flatMap((count, axis) => (count > 1 ? [2 * axis] : []));
  const sum = repeated.length === 0 ? dy : tf.sum(tf.reshape(dy, split), repeated);
  return tf.reshape(sum, x.shape);
});

/** The sum runs back from the other end (TensorFlow.js permutes the axes wrongly unless the last one is summed). */
const cumsum = fromInput('Cumsum', (dy, _, { axis, exclusive, reverse }) =>
  tf.cumsum(dy, axis as number, exclusive as boolean, !(reverse as boolean)),
);

export const reductions: readonly GradientConfig[] = [
  softmax,
  extremum('Max', tf.max),
  extremum('Min', tf.min),
  tile,
  cumsum,
];
