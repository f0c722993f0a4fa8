/** Runs in child processes: each has its own memory and engine, and one that dies takes no other with it. */

import { type ChildProcess, fork } from 'node:child_process';
import type { RunConfig, RunResult } from '../contracts/experiment.ts';

/** What a worker is told. */
export interface RunRequest {
  readonly config: RunConfig;
  readonly engine: string;
  readonly threads: number;
  readonly noise: 'seeded' | 'secure';
  readonly dataDir: string | undefined;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly phase: string; readonly share: number }
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string };

export class RunFailure extends Error {
  override readonly name = 'RunFailure';
}

export interface PoolOptions {
  /** The module that a child process runs. */
  readonly worker: URL;
  readonly jobs: number;
  /** Stops everything that is running. */
  readonly signal: AbortSignal;
  readonly onProgress: (index: number, phase: string, share: number) => void;
  readonly onDone: (index: number, result: RunResult) => void;
  /** The others go on. */
  readonly onFailed: (index: number, failure: RunFailure) => void;
}

/** Works through the requests in their order, at most `jobs` at a time. Rejects with the signal's reason where it is aborted. */
export async function runInProcesses(requests: readonly RunRequest[], options: PoolOptions): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < requests.length && !options.signal.aborted) {
      const index = next;
      next += 1;
      await runOne(index, requests[index] as RunRequest, options);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, requests.length) }, lane));
  options.signal.throwIfAborted();
}

async function runOne(index: number, request: RunRequest, options: PoolOptions): Promise<void> {
  try {
    options.onDone(index, await resultOf(index, request, options));
  } catch (error) {
    if (options.signal.aborted) return;
    if (!(error instanceof RunFailure)) throw error;
    options.onFailed(index, error);
  }
}

function resultOf(index: number, request: RunRequest, { worker, signal, onProgress }: PoolOptions): Promise<RunResult> {
  const child = fork(worker, { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  const lastWords = tailOf(child);
  return new Promise<RunResult>((resolve, reject) => {
    child.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') onProgress(index, message.phase, message.share);
      else if (message.kind === 'done') resolve(message.result);
      else reject(failure(message));
    });
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      const how = killedBy ? `was ended by ${killedBy}` : `ended with status ${code}`;
      reject(new RunFailure(`the process of the run ${how} before it had a result. ${lastWords()}`.trim()));
    });
    child.send(request);
  }).finally(() => signal.removeEventListener('abort', stop));
}

function failure({ message, stack }: { readonly message: string; readonly stack: string }): RunFailure {
  const error = new RunFailure(message);
  error.stack = stack;
  return error;
}

const keptCharacters = 2000;

/** The last that a process wrote: what a crash leaves behind. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  const keep = (text: Buffer) => {
    tail = (tail + text.toString()).slice(-keptCharacters);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => tail.trim();
}
