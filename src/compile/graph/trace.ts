/** Runs the body of a compiled function on symbols and returns the model that computes its outputs. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { CallsInLanes } from '../engine.ts';
import { explainedKernel } from '../explain.ts';
import { disposeKept } from '../keep.ts';
import { laneRuleOf } from '../lanes/index.ts';
import { laneShape, type Operand, type Operands, spread } from '../lanes/rule.ts';
import { cast } from '../lowerings/broadcasting.ts';
import { lowerings } from '../lowerings/index.ts';
import { concat } from '../lowerings/joins.ts';
import type { Lowering } from '../lowerings/lowering.ts';
import { ofNoImages } from '../lowerings/no-images.ts';
import { reshape } from '../lowerings/reshape.ts';
import { onBackend } from '../on-backend.ts';
import { type Tensor, tf } from '../tf.ts';
import { operandOf, TracedData, TracingBackend, tracingBackendName } from './backend.ts';
import { handedOver } from './before.ts';
import { type EncodedModel, encodeModel, type Port } from './encode.ts';
import { Graph, type GraphTarget } from './graph.ts';
import { partFor } from './part.ts';
import { withScalesInProducts } from './scales.ts';
import { computed, plain } from './stored.ts';
import type { Value } from './value.ts';

const backend = new TracingBackend();
tf.registerBackend(tracingBackendName, () => backend, 0); // never the one that TensorFlow.js takes by itself
for (const [kernelName, lowering] of Object.entries(lowerings)) {
  tf.registerKernel({ kernelName, backendName: tracingBackendName, kernelFunc: kernelFunc(kernelName, lowering) });
}

export interface TracedModel extends EncodedModel {
  readonly inputNames: readonly string[];
  /** For each output of the body. */
  readonly outputs: readonly OutputPlace[];
  /** See `Graph`. */
  readonly numbers: number;
  /** What is computed once for the inputs that stay. */
  readonly before?: ModelBefore;
}

/** Its results are further inputs of the model. */
export interface ModelBefore extends EncodedModel {
  readonly results: readonly string[];
}

/** Which result of the graph holds an output of the body, and from which number on. */
export interface OutputPlace {
  readonly result: string;
  readonly start: number;
  /** With the lanes first where there are several. */
  readonly shape: Shape;
}

export interface TraceRequest {
  readonly functionName: string;
  /** Of one call. */
  readonly inputShapes: readonly Shape[];
  readonly target: GraphTarget;
  /** Left out: the graph of a single call. */
  readonly lanes?: CallsInLanes;
}

export function trace(
  { functionName, inputShapes, target, lanes: calls }: TraceRequest,
  body: (inputs: readonly object[]) => readonly object[],
): TracedModel {
  const graph = new Graph({ ...target, lanes: calls?.count ?? 1 });
  const inputs = inputShapes.map((shape, index) => {
    const isPerLane = calls?.differs[index] ?? false;
    return { name: graph.fresh('in'), shape: isPerLane ? [graph.lanes, ...shape] : shape, perLane: isPerLane };
  });
  const outputs = onBackend(tracingBackendName, () =>
    backend.trace({ functionName, graph }, () => {
      const operands = inputs.map(({ name, shape, perLane }) => ({ value: computed(graph, name, { shape }), perLane }));
      const values = runBody(operands, body).map((operand) => (calls ? spread(graph, operand) : operand.value));
      return placed(
        graph,
        values.map((value) => cast(graph, value, 'float32')),
      );
    }),
  );
  const results = [...new Set(outputs.map(({ result }) => result))];
  const stays = inputs.flatMap(({ name }, index) => (calls?.stays[index] ? [name] : []));
  const handed = handedOver(graph, stays, results);
  return {
    ...modelOf(graph, [...inputs, ...handed], results.map(unknownShape)),
    ...(handed.length > 0 && { before: modelBefore(graph, inputs, handed) }),
    inputNames: inputs.map(({ name }) => name),
    outputs,
    numbers: graph.numbers,
  };
}

const unknownShape = (name: string): Port => ({ name, shape: undefined });

function modelBefore(graph: Graph, inputs: readonly Port[], handed: readonly Port[]): ModelBefore {
  return { ...modelOf(graph, inputs, handed), results: handed.map(({ name }) => name) };
}

/** A node's result that is an input is not computed. */
function modelOf(graph: Graph, inputs: readonly Port[], outputs: readonly Port[]): EncodedModel {
  const results = outputs.map(({ name }) => name);
  const part = partFor(
    graph,
    inputs.map(({ name }) => name),
    results,
  );
  return encodeModel(withScalesInProducts(part, results), inputs, outputs);
}

function runBody(inputs: readonly Operand[], body: (inputs: readonly object[]) => readonly object[]): Operand[] {
  const operands: Operand[] = [];
  try {
    tf.tidy(() => {
      for (const output of body(inputs.map(tensorOf))) operands.push(operandOf(output as Tensor));
    });
    return operands;
  } finally {
    disposeKept();
  }
}

/** Up to so many numbers, handing over a result costs more than copying them. */
const mostPacked = 2048;

/** Small outputs are one result, the others one each. */
function placed(graph: Graph, values: readonly Value[]): OutputPlace[] {
  const isPacked = ({ shape }: Value) => sizeOf(shape) <= mostPacked;
  const small = values.filter(isPacked);
  if (small.length < 2) return apart(graph, values);
  const flat = small.map((value) => reshape(graph, value, [sizeOf(value.shape)]));
  const [pack, ...large] = apart(graph, [concat(graph, flat, 0), ...values.filter((value) => !isPacked(value))]);
  let start = 0;
  return values.map((value) => {
    if (!isPacked(value)) return large.shift() as OutputPlace;
    const place = { result: pack.result, start, shape: value.shape };
    start += sizeOf(value.shape);
    return place;
  });
}

/** An output that is an input as it came, a constant, or another output too gets a node of its own. */
function apart(graph: Graph, values: readonly Value[]): OutputPlace[] {
  const taken = new Set<string>();
  return values.map((value) => {
    const source = plain(graph, value);
    const isOwn = !taken.has(source) && graph.nodes.some(({ outputs }) => outputs.includes(source));
    taken.add(source);
    if (isOwn) return { result: source, start: 0, shape: value.shape };
    const result = graph.fresh('out');
    graph.nodes.push({ op: 'Identity', domain: '', inputs: [source], outputs: [result], attributes: {} });
    return { result, start: 0, shape: value.shape };
  });
}

function tensorOf(operand: Operand): Tensor {
  return tf.engine().makeTensorFromTensorInfo(infoOf(operand));
}

function infoOf(operand: Operand) {
  const { value } = operand;
  return { dataId: new TracedData(value, operand.perLane), shape: [...laneShape(operand)], dtype: value.dtype };
}

type KernelFunc = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];

function kernelFunc(kernel: string, lowering: Lowering): KernelFunc {
  const laneRule = laneRuleOf(kernel);
  return ({ inputs, attrs }) => {
    const operands = Object.fromEntries(
      Object.entries(inputs).flatMap(([name, tensor]) => (tensor ? [[name, operandOf(tensor)]] : [])),
    );
    const { graph, functionName } = backend.active;
    const attributes = (attrs ?? {}) as never;
    try {
      const nothing = ofNoImages(kernel, shapesOf(operands), attributes);
      if (nothing) return infoOf({ value: nothing, perLane: false });
      const differs = Object.values(operands).some(({ perLane }) => perLane);
      const result = differs
        ? laneRule(graph, operands, attributes)
        : shared(lowering(graph, valuesOf(operands) as never, attributes));
      return Array.isArray(result) ? result.map(infoOf) : infoOf(result as Operand);
    } catch (error) {
      throw explainedKernel(functionName, kernel, error);
    }
  };
}

function shapesOf(operands: Operands): Readonly<Record<string, Shape>> {
  return Object.fromEntries(Object.entries(operands).map(([name, operand]) => [name, laneShape(operand)]));
}

function valuesOf(operands: Operands): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(operands).map(([name, { value }]) => [name, value]));
}

function shared(result: Value | readonly Value[]): Operand | readonly Operand[] {
  const operand = (value: Value) => ({ value, perLane: false });
  return Array.isArray(result) ? result.map(operand) : operand(result as Value);
}
