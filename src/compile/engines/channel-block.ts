/** How many channels the runtime keeps together where it computes on blocks of them: it depends on the processor. */

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { encodeModel } from '../graph/encode.ts';
import { blocked, Graph } from '../graph/graph.ts';

type Ort = typeof import('onnxruntime-node');

let known: Promise<number> | undefined;

/** 0 where the runtime has no such form on this processor. Asked once in a process. */
export function channelBlockOf(ort: Ort): Promise<number> {
  known ??= ask(ort);
  return known;
}

/** Fewer channels than a block are filled up to one. */
async function ask(ort: Ort): Promise<number> {
  const graph = new Graph();
  const input = { name: graph.fresh('in'), shape: [1, fewChannels, 1, 1] };
  const output = { name: graph.node('ReorderInput', [input.name], { channels_last: 0 }, blocked), shape: undefined };
  const { bytes } = encodeModel(graph, [input], [output]);
  const session = await sessionFor(ort, bytes);
  if (!session) return 0;
  const results = await session.run({
    [input.name]: new ort.Tensor('float32', new Float32Array(fewChannels), input.shape),
  });
  await session.release();
  return (results[output.name] as OrtTensor).dims[1] ?? 0;
}

/** What the runtime's operator takes at least. */
const fewChannels = 4;

async function sessionFor(ort: Ort, bytes: Uint8Array): Promise<InferenceSession | undefined> {
  try {
    return await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  } catch {
    return undefined; // a processor without this form has no such operator
  }
}
