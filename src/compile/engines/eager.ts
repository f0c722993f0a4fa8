/** Runs a body kernel by kernel on one of TensorFlow.js's own backends. */

import type { NdArray } from '../../contracts/array.ts';
import type { Executable, FlatFunction } from '../engine.ts';
import { disposeKept } from '../keep.ts';
import { onBackend } from '../on-backend.ts';
import { type Tensor, tf } from '../tf.ts';

export function eagerly(fn: FlatFunction, backend: string): Executable {
  return async (inputs) => {
    try {
      return onBackend(backend, () => computeOutputs(fn, inputs).map(readAndDispose));
    } finally {
      disposeKept();
    }
  };
}

function computeOutputs(fn: FlatFunction, inputs: readonly NdArray[]): Tensor[] {
  return tf.tidy(() => {
    const tensors = inputs.map((array) => tf.tensor(array.data, [...array.shape], 'float32'));
    // An output may be an input as it came, or another output: each is read on its own.
    return fn.body(tensors).map((tensor) => tf.cast(tensor as Tensor, 'float32').clone());
  });
}

function readAndDispose(tensor: Tensor): NdArray {
  const array = { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
  tensor.dispose();
  return array;
}
