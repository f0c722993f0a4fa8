/** Traces a body once and runs the graph on ONNX Runtime. */

import { createRequire } from 'node:module';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { NdArray } from '../../contracts/array.ts';
import type { Engine, Executable, FlatFunction } from '../engine.ts';
import { explained } from '../explain.ts';
import { type TracedModel, trace } from '../graph/trace.ts';
import type { ConvChoices } from '../lowerings/conv2d-choices.ts';
import { recordBuild } from '../stats.ts';
import { channelBlockOf } from './channel-block.ts';

type Ort = typeof import('onnxruntime-node');

/** @param choices Of how convolutions are computed; the measured ones unless given. */
export function onnxEngine(threads: number, choices?: ConvChoices): Engine {
  const require = createRequire(import.meta.url);
  const ort = require('onnxruntime-node') as Ort;
  const version = (require('onnxruntime-node/package.json') as { version: string }).version;
  return {
    name: 'onnx',
    threads,
    versions: { 'onnxruntime-node': version },
    build: (fn, examples) => build(ort, threads, { fn, examples, choices }),
  };
}

interface BuildRequest {
  readonly fn: FlatFunction;
  readonly examples: readonly NdArray[];
  readonly choices: ConvChoices | undefined;
}

async function build(ort: Ort, threads: number, { fn, examples, choices }: BuildRequest): Promise<Executable> {
  const target = { channelBlock: await channelBlockOf(ort), ...(choices && { choices }) };
  const start = performance.now();
  const inputShapes = examples.map(({ shape }) => shape);
  const model = trace({ functionName: fn.name, inputShapes, target }, fn.body);
  if (model.outputNames.length === 0) return async () => []; // ONNX Runtime takes no graph without nodes
  const traced = performance.now();
  const session = await createSession(ort, threads, { name: fn.name, bytes: model.bytes });
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
  threads: number,
  { name, bytes }: { name: string; bytes: Uint8Array },
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, sessionOptions(threads));
  } catch (error) {
    throw explained(name, error);
  }
}

/** Only what is fatal is logged: the rest comes as an error. */
const silent = 4;

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
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
