/** Runs a body kernel by kernel on one of TensorFlow.js's own backends. */

import type { NdArray } from '../../contracts/array.ts';
import type { Executable, FlatFunction } from '../engine.ts';
import { disposeKept } from '../keep.ts';
import { type Tensor, tf } from '../tf.ts';

export function eagerly(fn: FlatFunction, backend: string): Executable {
  return async (inputs) => {
    await tf.setBackend(backend);
    const outputs = tf.tidy(() => {
      const tensors = inputs.map((array) => tf.tensor(array.data, [...array.shape], 'float32'));
      // An output may be an input as it came, or another output: each is read on its own.
      return fn.body(tensors).map((tensor) => tf.cast(tensor as Tensor, 'float32').clone());
    });
    const arrays = outputs.map(readAndDispose);
    disposeKept();
    return arrays;
  };
}

function readAndDispose(tensor: Tensor): NdArray {
  const array = { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
  tensor.dispose();
  return array;
}
