import { withoutGradient } from '../../autodiff/index.ts';
import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { requireShare } from './checks.ts';

/**
 * While training, sets each value to 0 with probability `rate` and divides the others by 1 − rate; otherwise nothing.
 * @throws RangeError where the rate is not in [0, 1).
 */
export function dropout({ rate }: { readonly rate: number }): Layer {
  requireShare({ rate });
  return {
    name: 'dropout',
    label: `dropout ${rate}`,
    outputShape: (inputShape) => inputShape,
    init: () => ({ params: {}, state: {} }),
    noise: (inputShape) => (rate > 0 ? { distribution: 'uniform', shape: inputShape } : undefined),
    noiseAt: 'training',
    sensitivity: () => 1 / (1 - rate),
    apply: (_, x, { noise, training }) => {
      if (!training || rate === 0) return { output: x, state: {} };
      if (!noise) throw new RangeError(`dropout ${rate} needs its noise while training; see drawNoise.`);
      const kept = withoutGradient(() => tf.div(tf.cast(tf.greaterEqual(noise, rate), 'float32'), 1 - rate));
      return { output: tf.mul(x, kept), state: {} };
    },
  };
}
