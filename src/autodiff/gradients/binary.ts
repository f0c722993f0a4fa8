/** Operations with two inputs that broadcast against each other. */

import { type Tensor, tf } from '../../compile/tf.ts';
import { withoutGradient } from '../kernel.ts';
import type { GradientConfig } from './rule.ts';

/** Sums a gradient over the axes along which its operand was broadcast. */
export function unbroadcast(gradient: Tensor, shape: readonly number[]): Tensor {
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => (size !== (axis < lead ? 0 : shape[axis - lead]) ? [axis] : []));
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), [...shape]);
}

type Rule = (dy: Tensor, a: Tensor, b: Tensor) => Tensor;

function ofTwo(kernelName: string, toA: Rule, toB: Rule): GradientConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => unbroadcast(toA(dy as Tensor, a, b), a.shape),
      b: () => unbroadcast(toB(dy as Tensor, a, b), b.shape),
    }),
  };
}

const masked = (dy: Tensor, mask: () => Tensor): Tensor =>
  tf.mul(
    dy,
    withoutGradient(() => tf.cast(mask(), 'float32')),
  );

/** At a tie the first operand takes the gradient. */
const maximum = ofTwo(
  'Maximum',
  (dy, a, b) => masked(dy, () => tf.greaterEqual(a, b)),
  (dy, a, b) => masked(dy, () => tf.less(a, b)),
);
const minimum = ofTwo(
  'Minimum',
  (dy, a, b) => masked(dy, () => tf.lessEqual(a, b)),
  (dy, a, b) => masked(dy, () => tf.greater(a, b)),
);

/** TensorFlow.js's own does not sum over broadcast axes. */
const squaredDifference = ofTwo(
  'SquaredDifference',
  (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
  (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
);

/** d aᵇ = b·aᵇ⁻¹ da + aᵇ·ln a db, the second only where a > 0. */
const pow = ofTwo(
  'Pow',
  (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
  (dy, a, b) => {
    const positive = withoutGradient(() => tf.cast(tf.greater(a, 0), 'float32'));
    const base = tf.add(tf.mul(a, positive), tf.sub(1, positive)); // 1 where a ≤ 0: its logarithm is 0
    return tf.mul(dy, tf.mul(tf.pow(base, b), tf.log(base)));
  },
);

const zerosFor = (input: Tensor): Tensor => tf.zeros(input.shape, 'float32');

/** Comparisons and logic are constant almost everywhere. */
const comparisons = [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
  'LogicalXor',
  'FloorDiv',
].map((name) =>
  ofTwo(
    name,
    (_, a) => zerosFor(a),
    (_, _a, b) => zerosFor(b),
  ),
);

const logicalNot: GradientConfig = {
  kernelName: 'LogicalNot',
  inputsToSave: ['x'],
  gradFunc: (_, [x]) => ({ x: () => zerosFor(x) }),
};

/** dt = dy where the condition holds, de = dy elsewhere. */
const select: GradientConfig = {
  kernelName: 'Select',
  inputsToSave: ['condition'],
  gradFunc: (dy, [condition]) => {
    const mask = (value: boolean) =>
      withoutGradient(() => tf.cast(value ? condition : tf.logicalNot(condition), 'float32'));
    return {
      condition: () => zerosFor(condition),
      t: () => tf.mul(dy as Tensor, mask(true)),
      e: () => tf.mul(dy as Tensor, mask(false)),
    };
  },
};

export const binary: readonly GradientConfig[] = [
  maximum,
  minimum,
  squaredDifference,
  pow,
  logicalNot,
  select,
  ...comparisons,
];
