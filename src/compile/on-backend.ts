/** Lends TensorFlow.js's one active backend for the length of a call. */

import { tf } from './tf.ts';

/** `run` must not wait for anything: while it runs, nothing else does. */
export function onBackend<T>(name: string, run: () => T): T {
  const before = tf.getBackend();
  void tf.setBackend(name); // done when it returns: every backend here starts synchronously
  try {
    return run();
  } finally {
    void tf.setBackend(before || 'cpu');
  }
}
