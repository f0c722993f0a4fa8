/** Traces a body once and runs the graph on ONNX Runtime. */

import { createRequire } from 'node:module';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { NdArray } from '../../contracts/array.ts';
import type { Engine, Executable, FlatFunction } from '../engine.ts';
import { type TracedModel, trace } from '../graph/trace.ts';

type Ort = typeof import('onnxruntime-node');

export function onnxEngine(threads: number): Engine {
  const require = createRequire(import.meta.url);
  const ort = require('onnxruntime-node') as Ort;
  const version = (require('onnxruntime-node/package.json') as { version: string }).version;
  return {
    name: 'onnx',
    threads,
    versions: { 'onnxruntime-node': version },
    build: (fn, examples) => build(ort, threads, { fn, examples }),
  };
}

async function build(
  ort: Ort,
  threads: number,
  { fn, examples }: { fn: FlatFunction; examples: readonly NdArray[] },
): Promise<Executable> {
  const model = trace(
    fn.name,
    examples.map(({ shape }) => shape),
    fn.body,
  );
  const session = await ort.InferenceSession.create(model.bytes, sessionOptions(threads));
  return (inputs) => execute(ort, session, { model, inputs });
}

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Waiting threads of an idle session would take the cores from the next one.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

async function execute(
  ort: Ort,
  session: InferenceSession,
  { model, inputs }: { model: TracedModel; inputs: readonly NdArray[] },
): Promise<NdArray[]> {
  const feeds: Record<string, OrtTensor> = {};
  inputs.forEach(({ data, shape }, index) => {
    if (model.needed[index]) feeds[model.inputNames[index]] = new ort.Tensor('float32', data, shape);
  });
  const results = await session.run(feeds);
  return model.outputNames.map((name, index) => ({
    shape: model.outputShapes[index],
    data: results[name].data as Float32Array,
  }));
}
