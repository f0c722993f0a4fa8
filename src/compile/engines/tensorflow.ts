/** TensorFlow's own kernels, one by one, through @tensorflow/tfjs-node. */

import type { Engine } from '../engine.ts';

export function tensorflowEngine(_threads: number): Engine {
  throw new Error('not there yet');
}
