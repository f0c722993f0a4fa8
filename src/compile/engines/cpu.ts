/** TensorFlow.js's own kernels in plain JavaScript: slow, no native code, the reference in tests. */

import type { Engine } from '../engine.ts';
import { tf } from '../tf.ts';
import { eagerly } from './eager.ts';

export function cpuEngine(threads: number): Engine {
  return {
    name: 'cpu',
    threads,
    device: 'cpu',
    versions: { '@tensorflow/tfjs': tf.version.tfjs },
    build: async (fn) => eagerly(fn, 'cpu'),
  };
}
