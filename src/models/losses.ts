/** Losses, one value an example, from primitives that differentiate twice. */

import { givenGradient } from '../autodiff/index.ts';
import { type Tensor, tf } from '../compile/tf.ts';

/** x − ln Σ eˣ along the last axis; dx = dy − softmax(x) · Σ dy. */
export function logSoftmax(logits: Tensor): Tensor {
  return givenGradient(logits, {
    value: (x) => {
      const shifted = tf.sub(x, tf.max(x, -1, true)); // the maximum cancels
      return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), -1, true)));
    },
    gradient: (dy, x) => tf.sub(dy, tf.mul(softmax(x), tf.sum(dy, -1, true))),
  });
}

/** eˣ ÷ Σ eˣ along the last axis. */
export function softmax(logits: Tensor): Tensor {
  return tf.softmax(logits);
}

/**
 * −Σ_k y_k · ln softmax(logits)_k of each example, `[batch]`, from `[batch, classes]`. The labels may be any distribution,
 * and gradients flow into them.
 */
export function crossEntropy(logits: Tensor, y: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(y, logSoftmax(logits)), -1));
}

/** The mean of `crossEntropy` over the examples, a scalar. */
export function meanCrossEntropy(logits: Tensor, y: Tensor): Tensor {
  return tf.mean(crossEntropy(logits, y));
}

/** Σ (a − b)² of each example, `[batch]`, over all other axes. */
export function squaredError(a: Tensor, b: Tensor): Tensor {
  const axes = a.shape.map((_, axis) => axis).slice(1);
  const squares = tf.square(tf.sub(a, b));
  return axes.length === 0 ? squares : tf.sum(squares, axes);
}

/** The mean of (a − b)² over all values, a scalar. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  return tf.mean(tf.square(tf.sub(a, b)));
}
