/** Runs the body of a compiled function on symbols and returns the model that computes its outputs. */

import type { Shape } from '../../contracts/array.ts';
import { explainedKernel } from '../explain.ts';
import { disposeKept } from '../keep.ts';
import { cast } from '../lowerings/broadcasting.ts';
import { lowerings } from '../lowerings/index.ts';
import type { Lowering } from '../lowerings/lowering.ts';
import { onBackend } from '../on-backend.ts';
import { type Tensor, tf } from '../tf.ts';
import { TracedData, TracingBackend, tracingBackendName, valueOfTensor } from './backend.ts';
import { type EncodedModel, encodeModel } from './encode.ts';
import { Graph, type GraphTarget } from './graph.ts';
import { computed, plain } from './stored.ts';
import type { Value } from './value.ts';

const backend = new TracingBackend();
tf.registerBackend(tracingBackendName, () => backend, 0); // never the one that TensorFlow.js takes by itself
for (const [kernelName, lowering] of Object.entries(lowerings)) {
  tf.registerKernel({ kernelName, backendName: tracingBackendName, kernelFunc: kernelFunc(kernelName, lowering) });
}

export interface TracedModel extends EncodedModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputShapes: readonly Shape[];
}

export interface TraceRequest {
  readonly functionName: string;
  readonly inputShapes: readonly Shape[];
  readonly target: GraphTarget;
}

export function trace(
  { functionName, inputShapes, target }: TraceRequest,
  body: (inputs: readonly object[]) => readonly object[],
): TracedModel {
  const graph = new Graph(target);
  const inputs = inputShapes.map((shape) => ({ name: graph.fresh('in'), shape }));
  const outputs = onBackend(tracingBackendName, () =>
    backend.trace({ functionName, graph }, () => {
      const values = inputs.map(({ name, shape }) => computed(graph, name, { shape }));
      const taken = new Set<string>();
      return runBody(values, body).map((value) => outputPort(graph, value, taken));
    }),
  );
  return {
    ...encodeModel(graph, inputs, outputs),
    inputNames: inputs.map(({ name }) => name),
    outputNames: outputs.map(({ name }) => name),
    outputShapes: outputs.map(({ shape }) => shape),
  };
}

function runBody(inputs: readonly Value[], body: (inputs: readonly object[]) => readonly object[]): Value[] {
  const values: Value[] = [];
  try {
    tf.tidy(() => {
      for (const output of body(inputs.map(tensorOf))) values.push(valueOfTensor(output as Tensor));
    });
    return values;
  } finally {
    disposeKept();
  }
}

/** An output that is an input as it came, a constant, or another output too gets a node of its own. */
function outputPort(graph: Graph, value: Value, taken: Set<string>): { name: string; shape: Shape } {
  const source = plain(graph, cast(graph, value, 'float32'));
  const isOwn = !taken.has(source) && graph.nodes.some(({ outputs }) => outputs.includes(source));
  taken.add(source);
  if (isOwn) return { name: source, shape: value.shape };
  const name = graph.fresh('out');
  graph.nodes.push({ op: 'Identity', domain: '', inputs: [source], outputs: [name], attributes: {} });
  return { name, shape: value.shape };
}

function tensorOf(value: Value): Tensor {
  return tf.engine().makeTensorFromTensorInfo(infoOf(value));
}

function infoOf(value: Value) {
  return { dataId: new TracedData(value), shape: [...value.shape], dtype: value.dtype };
}

type KernelFunc = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];

function kernelFunc(kernel: string, lowering: Lowering): KernelFunc {
  return ({ inputs, attrs }) => {
    const values = Object.fromEntries(
      Object.entries(inputs).flatMap(([name, tensor]) => (tensor ? [[name, valueOfTensor(tensor)]] : [])),
    );
    const { graph, functionName } = backend.active;
    try {
      const result = lowering(graph, values as never, (attrs ?? {}) as never);
      return Array.isArray(result) ? result.map(infoOf) : infoOf(result as Value);
    } catch (error) {
      throw explainedKernel(functionName, kernel, error);
    }
  };
}
