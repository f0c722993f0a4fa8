/** A run in a child process: it has its own memory and engine, and takes nothing with it where it dies. */

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunConfig, RunResult } from '../contracts/experiment.ts';
import type { Moment } from './phases/victim.ts';

/** What a worker is told. */
export interface RunRequest {
  readonly config: RunConfig;
  readonly engine: string;
  readonly threads: number;
  readonly noise: 'seeded' | 'secure';
  readonly dataDir: string | undefined;
  /** Where outcomes of phases are kept; nowhere where left out. */
  readonly phases: string | undefined;
  /** When the victim's weights are kept; see `RunOptions`. */
  readonly moments: readonly Moment[] | undefined;
}

/** What a worker may be told later: to end after the phase in hand. */
export const stopMessage = 'stop';

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly phase: string; readonly share: number }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string }
  | { readonly kind: 'stopped' };

export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  /** Whether the run itself threw: the same run would fail again. Otherwise its process ended, or was ended. */
  readonly isOwn: boolean;
  /** The last that its process wrote. */
  readonly lastLines: readonly string[];

  constructor(
    message: string,
    { isOwn, lastLines }: { readonly isOwn: boolean; readonly lastLines: readonly string[] },
  ) {
    super(message);
    this.isOwn = isOwn;
    this.lastLines = lastLines;
  }
}

export interface RunProcessOptions {
  /** The module that the child process runs. */
  readonly worker: URL;
  /** All that the process writes. */
  readonly logFile: string;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** Ends it after the phase in hand. */
  readonly stop: AbortSignal;
  /** After which it has failed; never where left out. */
  readonly timeoutSeconds?: number | undefined;
  readonly onProgress: (phase: string, share: number) => void;
  readonly onWarning: (message: string) => void;
}

/** Undefined where it was stopped before it had a result. Rejects with a RunFailure where there will be none. */
export async function runInProcess(request: RunRequest, options: RunProcessOptions): Promise<RunResult | undefined> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'w');
  const child = fork(options.worker, { serialization: 'advanced', stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log); // the child has its own
  const release = bindSignals(child, options);
  const clock = timeoutOf(child, options.timeoutSeconds);
  try {
    return await outcomeOf(child, request, { ...options, wasTooSlow: clock.isOver });
  } finally {
    clock.cancel();
    release();
  }
}

function bindSignals(child: ChildProcess, { signal, stop }: RunProcessOptions): () => void {
  const kill = () => child.kill('SIGKILL');
  const ask = () => child.connected && child.send(stopMessage);
  signal.addEventListener('abort', kill);
  stop.addEventListener('abort', ask);
  return () => {
    signal.removeEventListener('abort', kill);
    stop.removeEventListener('abort', ask);
  };
}

function timeoutOf(child: ChildProcess, seconds: number | undefined) {
  let isOver = false;
  const end = () => {
    isOver = true;
    child.kill('SIGKILL');
  };
  const timer = seconds === undefined ? undefined : setTimeout(end, 1000 * seconds);
  return { isOver: () => isOver, cancel: () => clearTimeout(timer) };
}

interface Listening extends RunProcessOptions {
  readonly wasTooSlow: () => boolean;
}

function outcomeOf(child: ChildProcess, request: RunRequest, options: Listening): Promise<RunResult | undefined> {
  const { onProgress, onWarning, logFile, signal, timeoutSeconds, wasTooSlow } = options;
  return new Promise((resolve, reject) => {
    let hasAnswered = false;
    child.on('message', (message: WorkerMessage) => {
      hasAnswered = message.kind !== 'progress' && message.kind !== 'warning';
      if (message.kind === 'progress') onProgress(message.phase, message.share);
      else if (message.kind === 'warning') onWarning(message.message);
      else if (message.kind === 'done') resolve(message.result);
      else if (message.kind === 'stopped') resolve(undefined);
      else reject(ownFailure(message, logFile));
    });
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      if (hasAnswered || signal.aborted) return resolve(undefined);
      const how = killedBy ? `was ended by ${killedBy}` : `ended with status ${code}`;
      const message = wasTooSlow()
        ? `the run took longer than ${timeoutSeconds} s (--timeout-per-run).`
        : `the process of the run ${how} before it had a result.`;
      const lastLines = linesOf(logFile);
      reject(
        new RunFailure(`${message} ${lastLines.slice(-shownLines).join('\n')}`.trim(), { isOwn: false, lastLines }),
      );
    });
    child.send(request);
  });
}

function ownFailure(
  { message, stack }: { readonly message: string; readonly stack: string },
  logFile: string,
): RunFailure {
  const failure = new RunFailure(message, { isOwn: true, lastLines: linesOf(logFile) });
  failure.stack = stack;
  return failure;
}

const keptLines = 50;
const shownLines = 5;

function linesOf(logFile: string): string[] {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-keptLines);
}
