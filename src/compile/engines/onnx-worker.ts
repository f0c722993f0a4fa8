/**
 * What a thread beside the main one does: it holds sessions of ONNX Runtime for the graphs that it is sent, and runs them. It loads
 * nothing but the runtime: tracing stays on the main thread.
 */

import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import { type Gate, throughGate } from './native-gate.ts';

/** What a session is made of, and what goes in and out of its runs. */
export interface Program {
  readonly bytes: Uint8Array;
  readonly options: InferenceSession.SessionOptions;
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  /** Names of the results. */
  readonly results: readonly string[];
}

/** Orders are carried out one after the other, and each is answered. */
export type Order =
  | { readonly kind: 'load'; readonly id: number; readonly program: Program }
  /** `numbers` are those of all inputs, one after the other. */
  | { readonly kind: 'run'; readonly id: number; readonly numbers: Numbers }
  | { readonly kind: 'release'; readonly id: number };

/** Whose buffer is handed from thread to thread. */
export type Numbers = Float32Array<ArrayBuffer>;

/** Of a run its results, and the inputs' buffer for the next one: memory that is new to a process takes longer than what it is for. */
export type Answer = Partial<Done> | { readonly error: string };

export interface Done {
  readonly numbers: Numbers;
  readonly results: readonly Numbers[];
}

interface Loaded {
  readonly program: Program;
  readonly session: InferenceSession;
}

type Ort = typeof import('onnxruntime-node');

const gate = workerData as Gate;
const ort = await throughGate(gate, () => createRequire(import.meta.url)('onnxruntime-node') as Ort);
const loaded = new Map<number, Loaded>();
let before = Promise.resolve();

parentPort?.on('message', (order: Order) => {
  before = before.then(async () => {
    const answer = await throughGate(gate, () => answerTo(order));
    const { numbers, results = [] } = 'error' in answer ? {} : answer;
    const arrays = numbers ? [numbers, ...results] : [];
    parentPort?.postMessage(
      answer,
      arrays.map(({ buffer }) => buffer),
    );
  });
});

async function answerTo(order: Order): Promise<Answer> {
  try {
    if (order.kind === 'load') await load(order.id, order.program);
    else if (order.kind === 'release') await release(order.id);
    else return await run(loaded.get(order.id) as Loaded, order.numbers);
    return {};
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function load(id: number, program: Program): Promise<void> {
  loaded.set(id, { program, session: await ort.InferenceSession.create(program.bytes, program.options) });
}

async function release(id: number): Promise<void> {
  await loaded.get(id)?.session.release();
  loaded.delete(id);
}

async function run({ program, session }: Loaded, numbers: Numbers): Promise<Done> {
  const feeds: Record<string, InferenceSession.FeedsType[string]> = {};
  let start = 0;
  for (const { name, shape } of program.inputs) {
    const end = start + sizeOf(shape);
    feeds[name] = new ort.Tensor('float32', numbers.subarray(start, end), shape);
    start = end;
  }
  const { logSeverityLevel = 2 } = program.options; // the runtime's default
  const results = await session.run(feeds, { logSeverityLevel });
  return { numbers, results: program.results.map((name) => results[name].data as Numbers) };
}
