/**
 * Elementwise functions. TensorFlow.js writes the gradients of many of them with the saved output, which stands on the
 * tape before the operation itself, so a second differentiation does not see it and is silently wrong. These recompute
 * the output from the saved input. Masks are constants: they are computed off the tape.
 */

import { type Tensor, tf } from '../../compile/tf.ts';
import { givenGradient, withoutGradient } from '../kernel.ts';
import { fromInput, type GradientConfig } from './rule.ts';

const float = (mask: Tensor): Tensor => tf.cast(mask, 'float32');
const whereTrue = (test: () => Tensor): Tensor => withoutGradient(() => float(test()));

/** s′ = s · (1 − s), and s″ = s′ · (1 − s − s). */
function sigmoidSlope(x: Tensor): Tensor {
  const rest = (at: Tensor) => tf.sub(1, tf.sigmoid(at));
  return givenGradient(x, {
    value: (at) => tf.mul(tf.sigmoid(at), rest(at)),
    gradient: (dy, at) => tf.mul(dy, tf.mul(sigmoidSlope(at), tf.sub(rest(at), tf.sigmoid(at)))),
  });
}

/** dx = dy · s′(x) */
const sigmoid = fromInput('Sigmoid', (dy, x) => tf.mul(dy, sigmoidSlope(x)));

/** dx = dy · (1 − tanh² x) */
const tanh = fromInput('Tanh', (dy, x) => tf.mul(dy, tf.sub(1, tf.square(tf.tanh(x)))));

const exp = fromInput('Exp', (dy, x) => tf.mul(dy, tf.exp(x)));

const expm1 = fromInput('Expm1', (dy, x) => tf.mul(dy, tf.exp(x)));

/** dx = dy where x > 0, dy · eˣ elsewhere; eˣ is taken of min(x, 0), which cannot overflow. */
const elu = fromInput('Elu', (dy, x) => {
  const positive = whereTrue(() => tf.greater(x, 0));
  const negativePart = tf.mul(x, tf.sub(1, positive));
  return tf.mul(dy, tf.add(positive, tf.mul(tf.sub(1, positive), tf.exp(negativePart))));
});

const softplus = fromInput('Softplus', (dy, x) => tf.mul(dy, tf.sigmoid(x)));

/** dx = dy where x > 0, 0 at 0. */
const relu = fromInput('Relu', (dy, x) =>
  tf.mul(
    dy,
    withoutGradient(() => tf.step(x)),
  ),
);

const leakyRelu = fromInput('LeakyRelu', (dy, x, { alpha }) => {
  const slope = withoutGradient(() => {
    const positive = float(tf.greater(x, 0));
    return tf.add(positive, tf.mul(tf.sub(1, positive), alpha as number));
  });
  return tf.mul(dy, slope);
});

/** dx = dy · sign x, 0 at 0 (TensorFlow.js gives −dy there). */
const abs = fromInput('Abs', (dy, x) =>
  tf.mul(
    dy,
    withoutGradient(() => tf.sign(x)),
  ),
);

/** dx = 2 dy · x; after a mean or a sum dy is one number many times, which is doubled once. */
const square = fromInput('Square', (dy, x) => tf.mul(tf.mul(dy, 2), x));

/** dx = dy ÷ (2 √x), and 0 at x = 0, as the gradient of a norm at the origin is taken to be: never 0 · ∞. */
const sqrt = fromInput('Sqrt', (dy, x) => {
  const zero = whereTrue(() => tf.equal(x, 0));
  const root = tf.sqrt(tf.add(x, zero));
  return tf.div(tf.mul(dy, tf.sub(1, zero)), tf.mul(root, 2));
});

/** dx = −dy ÷ (2 x √x) */
const rsqrt = fromInput('Rsqrt', (dy, x) => tf.div(tf.mul(dy, -0.5), tf.mul(x, tf.sqrt(x))));

/** dx = dy within the bounds, 0 beyond them. */
const clip = fromInput('ClipByValue', (dy, x, { clipValueMin, clipValueMax }) => {
  const within = whereTrue(() =>
    tf.logicalAnd(tf.greaterEqual(x, clipValueMin as number), tf.lessEqual(x, clipValueMax as number)),
  );
  return tf.mul(dy, within);
});

const relu6 = fromInput('Relu6', (dy, x) =>
  tf.mul(
    dy,
    whereTrue(() => tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6))),
  ),
);

/** Constant almost everywhere. */
const constant = (name: string): GradientConfig => ({
  kernelName: name,
  gradFunc: (dy) => ({ x: () => tf.zerosLike(dy as Tensor) }),
});

export const elementwise: readonly GradientConfig[] = [
  sigmoid,
  tanh,
  exp,
  expm1,
  elu,
  softplus,
  relu,
  relu6,
  leakyRelu,
  abs,
  square,
  sqrt,
  rsqrt,
  clip,
  ...['Step', 'Sign', 'Floor', 'Ceil', 'Round'].map(constant),
];
