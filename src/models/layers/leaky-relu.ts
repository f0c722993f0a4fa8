import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { requireNonNegative } from './checks.ts';
import { activation } from './stateless.ts';

/** x where x > 0, slope · x elsewhere. Throws a RangeError where the slope is negative. */
export function leakyRelu({ slope = 0.2 }: { readonly slope?: number } = {}): Layer {
  requireNonNegative({ slope });
  return activation('leaky-relu', (x) => tf.leakyRelu(x, slope), {
    label: `leaky-relu ${slope}`,
    steepest: Math.max(1, slope),
  });
}
