/** Traces a body once and runs the graph on ONNX Runtime. */

import { createRequire } from 'node:module';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { scalar } from '../../arrays/ndarray.ts';
import type { NdArray } from '../../contracts/array.ts';
import type { CallsInLanes, Engine, Executable, FlatFunction } from '../engine.ts';
import { explained } from '../explain.ts';
import { type TracedModel, trace } from '../graph/trace.ts';
import type { ConvChoices } from '../lowerings/conv2d-choices.ts';
import { recordBuild } from '../stats.ts';
import { type Tensor, tf } from '../tf.ts';
import { channelBlockOf } from './channel-block.ts';

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
  return {
    name: 'onnx',
    threads,
    device,
    versions: { 'onnxruntime-node': version },
    build: (fn, examples) => build(ort, { threads, device }, { fn, examples, choices }),
    buildInLanes: (fn, examples, lanes) => build(ort, { threads, device }, { fn, examples, choices, lanes }),
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

async function build(ort: Ort, where: Where, { fn, examples, choices, lanes }: BuildRequest): Promise<Executable> {
  const channelBlock = where.device === 'cpu' ? await channelBlockOf(ort) : 0;
  const target = { channelBlock, ...(choices && { choices }) };
  const start = performance.now();
  const inputShapes = examples.map(({ shape }) => shape);
  const model = trace({ functionName: fn.name, inputShapes, target, ...(lanes && { lanes }) }, fn.body);
  if (model.outputNames.length === 0) return async () => []; // ONNX Runtime takes no graph without nodes
  const traced = performance.now();
  const session = await createSession(ort, where, { name: fn.name, bytes: model.bytes });
  recordBuild({
    functionName: fn.name,
    traceMs: traced - start,
    sessionMs: performance.now() - traced,
    nodes: model.nodeCount,
    modelBytes: model.bytes.length,
  });
  return executable(ort, session, { ...model, name: fn.name });
}

async function createSession(
  ort: Ort,
  where: Where,
  { name, bytes }: { name: string; bytes: Uint8Array },
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, sessionOptions(where));
  } catch (error) {
    throw explained(name, error);
  }
}

/** Only what is fatal is logged: the rest comes as an error. */
const silent = 4;

function sessionOptions({ threads, device }: Where): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: silent,
    extra: {
      // Waiting threads of an idle session would take the cores from the next one.
      session: { intra_op: { allow_spinning: '0' } },
      // The lowerings say in which order axes are stored; the runtime would join turns again that are faster apart.
      optimization: { disable_specified_optimizers: 'TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider' },
    },
  };
}

function executable(
  ort: Ort,
  session: InferenceSession,
  model: Omit<TracedModel, 'bytes'> & { readonly name: string },
): Executable {
  const { name, needed, inputNames, outputNames, outputShapes } = model;
  return async (inputs) => {
    const feeds: Record<string, OrtTensor> = {};
    inputs.forEach(({ data, shape }, index) => {
      if (needed[index]) feeds[inputNames[index]] = new ort.Tensor('float32', data, shape);
    });
    const results = await run(session, feeds, name);
    return outputNames.map((output, index) => ({
      shape: outputShapes[index],
      data: results[output].data as Float32Array,
    }));
  };
}

async function run(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  name: string,
): Promise<InferenceSession.ReturnType> {
  try {
    return await session.run(feeds, { logSeverityLevel: silent });
  } catch (error) {
    throw explained(name, error);
  }
}
