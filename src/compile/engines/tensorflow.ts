/** TensorFlow's own kernels, one by one, through @tensorflow/tfjs-node. */

import { createRequire } from 'node:module';
import type { Engine } from '../engine.ts';
import { onBackend } from '../on-backend.ts';
import { tf } from '../tf.ts';
import { eagerly } from './eager.ts';
import { adaptKernels } from './tensorflow-kernels.ts';

const backend = 'tensorflow';
const require = createRequire(import.meta.url);

interface NodeBackend {
  readonly binding: { readonly TF_Version: string };
}

let loadedThreads: number | undefined;

export function tensorflowEngine(threads: number): Engine {
  if (loadedThreads !== undefined && loadedThreads !== threads) {
    throw new Error(`it runs with ${loadedThreads} threads in this process already, which cannot become ${threads}.`);
  }
  if (loadedThreads === undefined) load(threads);
  loadedThreads = threads;
  return {
    name: 'tensorflow',
    threads,
    device: 'cpu',
    versions: {
      '@tensorflow/tfjs-node': (require('@tensorflow/tfjs-node/package.json') as { version: string }).version,
      tensorflow: onBackend(backend, () => (tf.backend() as unknown as NodeBackend).binding.TF_Version),
    },
    build: async (fn) => eagerly(fn, backend),
  };
}

function load(threads: number): void {
  const { TF_CPP_MIN_LOG_LEVEL = '2' } = process.env;
  // TensorFlow reads these when it starts.
  const counts = { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: 1, OMP_NUM_THREADS: threads };
  Object.assign(process.env, { ...counts, TF_CPP_MIN_LOG_LEVEL });
  restoreRemovedUtil();
  const before = tf.getBackend();
  const loaded = require('@tensorflow/tfjs-node') as typeof tf;
  void tf.setBackend(before || 'cpu'); // loading it has made it the active one
  if (loaded.Tensor !== tf.Tensor) {
    throw new Error('there are two copies of @tensorflow/tfjs-core; "npm dedupe" leaves one.');
  }
  adaptKernels(backend);
}

/** tfjs-node 4.22 calls functions that Node 23 removed. */
function restoreRemovedUtil(): void {
  const util = require('node:util') as Record<string, unknown>;
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, replacement] of Object.entries(removed)) util[name] ??= replacement;
}
