import { sizeOf } from '../../arrays/ndarray.ts';
import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { stateless } from './stateless.ts';

/** `[height, width, channels]` → `[height · width · channels]`, row-major. */
export const flatten = (): Layer =>
  stateless({
    name: 'flatten',
    label: 'flatten',
    outputShape: (inputShape) => [sizeOf(inputShape)],
    lipschitz: { l1: 1, l2: 1, linf: 1 },
    f: (x) => tf.reshape(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]),
  });
