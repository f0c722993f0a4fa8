/** Traces a body once and runs the graph on ONNX Runtime. */

import { createRequire } from 'node:module';
import type { InferenceSession } from 'onnxruntime-node';
import { scalar, sizeOf } from '../../arrays/ndarray.ts';
import type { NdArray } from '../../contracts/array.ts';
import type { CallsInLanes, Engine, Executable, ExecutableForMany, FlatFunction } from '../engine.ts';
import { explained } from '../explain.ts';
import { type TracedModel, trace } from '../graph/trace.ts';
import type { ConvChoices } from '../lowerings/conv2d-choices.ts';
import { recordBuild } from '../stats.ts';
import { type Tensor, tf } from '../tf.ts';
import { channelBlockOf } from './channel-block.ts';
import { forMany } from './for-many.ts';
import { type Call, onceFor, sessionCall, silent } from './onnx-call.ts';
import { type SideThreads, sideThreads } from './side-threads.ts';

type Ort = typeof import('onnxruntime-node');

export interface OnnxOptions {
  /** ONNX Runtime's execution provider. */
  readonly device?: string;
  /** Of how convolutions are computed; the measured ones unless given. */
  readonly choices?: ConvChoices;
}

/** The engine on a device that is there. Rejects with the runtime's reason and the devices that it knows where it is not. */
export async function onnxEngineOn(device: string, threads: number): Promise<Engine> {
  const engine = onnxEngine(threads, { device });
  if (device === 'cpu') return engine;
  try {
    const run = await engine.build({ name: 'device', body: ([x]) => [tf.neg(x as Tensor)] }, [scalar(1)]);
    await run([scalar(1)]);
    return engine;
  } catch (cause) {
    const known = (createRequire(import.meta.url)('onnxruntime-node') as Ort).listSupportedBackends();
    const names = known.map(({ name, bundled }) => (bundled ? name : `${name} (its libraries are not in the package)`));
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`device "${device}": ${reason.trim()}\nONNX Runtime knows ${names.join(', ')}.`, { cause });
  }
}

export function onnxEngine(threads: number, { device = 'cpu', choices }: OnnxOptions = {}): Engine {
  const require = createRequire(import.meta.url);
  const ort = require('onnxruntime-node') as Ort;
  const version = (require('onnxruntime-node/package.json') as { version: string }).version;
  const others = threads > 1 && device === 'cpu' ? sideThreads(threads - 1) : undefined;
  return {
    name: 'onnx',
    threads,
    device,
    versions: { 'onnxruntime-node': version },
    build: (fn, examples) => build(ort, { threads, device }, { fn, examples, choices }),
    buildInLanes: (fn, examples, lanes) => build(ort, { threads, device }, { fn, examples, choices, lanes }),
    ...(others && { buildForMany: (fn, examples) => buildForMany(ort, others, { fn, examples, choices }) }),
  };
}

interface Where {
  readonly threads: number;
  readonly device: string;
}

interface BuildRequest {
  readonly fn: FlatFunction;
  readonly examples: readonly NdArray[];
  readonly choices: ConvChoices | undefined;
  readonly lanes?: CallsInLanes;
}

async function build(ort: Ort, where: Where, request: BuildRequest): Promise<Executable> {
  const model = await traced(ort, where, request);
  if (model.outputs.length === 0) return async () => []; // ONNX Runtime takes no graph without nodes
  const { outputs, before } = model;
  const handed = before && onceFor(await callOf(ort, where, { ...model, ...before, traceMs: 0, once: true }), before);
  return executable(await callOf(ort, where, model), outputs, handed);
}

/** Each call is computed by one thread, on the main one too: results do not depend on who computes them. */
async function buildForMany(ort: Ort, others: SideThreads, request: BuildRequest): Promise<ExecutableForMany> {
  const where = { threads: 1, device: 'cpu' };
  const model = await traced(ort, where, request);
  if (model.outputs.length === 0) return async (calls) => calls.map(() => []);
  const own = executable(await callOf(ort, where, model), model.outputs);
  const inputShapes = request.examples.map(({ shape }) => shape);
  return forMany({ model, inputShapes, options: sessionOptions(where, model.numbers), own }, others);
}

interface NamedModel extends TracedModel {
  readonly name: string;
  readonly traceMs: number;
  /** See `sessionCall`. */
  readonly once?: boolean;
}

async function traced(ort: Ort, where: Where, { fn, examples, choices, lanes }: BuildRequest): Promise<NamedModel> {
  const channelBlock = where.device === 'cpu' ? await channelBlockOf(ort) : 0;
  const target = { channelBlock, ...(choices && { choices }) };
  const start = performance.now();
  const inputShapes = examples.map(({ shape }) => shape);
  const model = trace({ functionName: fn.name, inputShapes, target, ...(lanes && { lanes }) }, fn.body);
  return { ...model, name: fn.name, traceMs: performance.now() - start };
}

async function callOf(ort: Ort, where: Where, model: NamedModel): Promise<Call> {
  return sessionCall(ort, await createSession(ort, where, model), model);
}

async function createSession(ort: Ort, where: Where, model: NamedModel): Promise<InferenceSession> {
  const start = performance.now();
  const { name, bytes, numbers, nodeCount, traceMs } = model;
  try {
    const session = await ort.InferenceSession.create(bytes, sessionOptions(where, numbers));
    const sessionMs = performance.now() - start;
    recordBuild({ functionName: name, traceMs, sessionMs, nodes: nodeCount, modelBytes: bytes.length });
    return session;
  } catch (error) {
    throw explained(name, error);
  }
}

/** A graph of so many numbers plans no memory: a plan makes each step 3 to 8 % faster in small graphs, and takes half as much again in large ones. */
const mostPlanned = 2 ** 24;

function sessionOptions({ threads, device }: Where, numbers: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: silent,
    enableMemPattern: numbers <= mostPlanned,
    extra: {
      // Waiting threads of an idle session would take the cores from the next one.
      session: { intra_op: { allow_spinning: '0' } },
      // The lowerings say in which order axes are stored; the runtime would join turns again that are faster apart.
      optimization: { disable_specified_optimizers: 'TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider' },
    },
  };
}

function executable(call: Call, outputs: TracedModel['outputs'], handed?: Call): Executable {
  return async (inputs) => {
    const results = await call(inputs, handed && (await handed(inputs)));
    return outputs.map(({ result, start, shape }) => {
      const data = results[result].data as Float32Array;
      return { shape, data: data.subarray(start, start + sizeOf(shape)) };
    });
  };
}
