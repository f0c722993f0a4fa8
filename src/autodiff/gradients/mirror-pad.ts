/** Mirror padding. TensorFlow.js drops what comes back through the mirrored margins. */

import { type Tensor, tf } from '../../compile/tf.ts';
import { fromInput, type GradientConfig } from './rule.ts';

/** dx is dy without its margins, plus the margins mirrored back in, one axis after the other. */
export const mirrorPad: GradientConfig = fromInput('MirrorPad', (dy, x, { paddings, mode }) => {
  const margins = paddings as readonly (readonly [number, number])[];
  const edge = mode === 'reflect' ? 1 : 0;
  return margins.reduce((d, margin, axis) => foldMargins(d, axis, { margin, edge, size: x.shape[axis] as number }), dy);
});

interface Margins {
  readonly margin: readonly [number, number];
  /** Entries at each end that the mirror leaves out. */
  readonly edge: number;
  readonly size: number;
}

function foldMargins(d: Tensor, axis: number, { margin: [before, after], edge, size }: Margins): Tensor {
  const inner = sliceAlong(d, axis, [before, size]);
  if (before + after === 0) return inner;
  const head = tf.reverse(sliceAlong(d, axis, [0, before]), axis);
  const tail = tf.reverse(sliceAlong(d, axis, [before + size, after]), axis);
  const placed = [
    inner,
    ...(before > 0 ? [padAlong(head, axis, [edge, size - before - edge])] : []),
    ...(after > 0 ? [padAlong(tail, axis, [size - after - edge, edge])] : []),
  ];
  return placed.reduce((sum, part) => tf.add(sum, part));
}

function sliceAlong(x: Tensor, axis: number, [begin, count]: readonly [number, number]): Tensor {
  const begins = x.shape.map((_, index) => (index === axis ? begin : 0));
  return tf.slice(
    x,
    begins,
    x.shape.map((size, index) => (index === axis ? count : size)),
  );
}

function padAlong(x: Tensor, axis: number, margin: readonly [number, number]): Tensor {
  return tf.pad(
    x,
    x.shape.map((_, index): [number, number] => (index === axis ? [margin[0], margin[1]] : [0, 0])),
  );
}
