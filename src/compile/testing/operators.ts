/** What a graph is made of. */

import onnxProto from 'onnx-proto';
import type { NdArray } from '../../contracts/array.ts';
import { trace } from '../graph/trace.ts';
import type { Tensor } from '../tf.ts';

/** Of the nodes of a model, in their order. */
export function operatorsIn(bytes: Uint8Array): string[] {
  return (onnxProto.onnx.ModelProto.decode(bytes).graph?.node ?? []).map(({ opType }) => opType ?? '');
}

/** Of the graph that the body becomes for inputs of these shapes. */
export function operatorsOf(
  body: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Pick<NdArray, 'shape'>[],
): string[] {
  const request = { functionName: 'operators', inputShapes: inputs.map(({ shape }) => shape), target: {} };
  return operatorsIn(trace(request, (tensors) => [body(...(tensors as Tensor[]))]).bytes);
}
