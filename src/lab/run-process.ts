/** A child process that does runs, one at a time: it has its own memory and engine, and takes nothing with it where it dies. */

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RunResult } from '../contracts/experiment.ts';
import { RunFailure } from './run-failure.ts';
import { type RunRequest, stopMessage, type WorkerMessage } from './worker-messages.ts';

export interface RunProcessOptions {
  /** All that the process writes during the run. */
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

export interface RunProcess {
  /** Undefined where it was stopped before it had a result. Rejects with a RunFailure where there will be none. */
  run(request: RunRequest, options: RunProcessOptions): Promise<RunResult | undefined>;
  /** Whether it may do a further run: it lives, and all that it did went well. */
  isFit(): boolean;
  end(): void;
}

/** @param worker The module that the child process runs. */
export function startRunProcess(worker: URL): RunProcess {
  const child = fork(worker, { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let wentWell = true;
  child.on('error', () => {}); // told to the run in hand
  return {
    async run(request, options) {
      wentWell = false;
      const log = logTo(options.logFile, child);
      const release = bindSignals(child, options);
      const clock = timeoutOf(child, options.timeoutSeconds);
      try {
        const result = await outcomeOf(child, request, { ...options, wasTooSlow: clock.isOver });
        wentWell = result !== undefined;
        return result;
      } finally {
        clock.cancel();
        release();
        await log.end();
      }
    },
    isFit: () => wentWell && child.connected,
    end: () => void child.kill('SIGKILL'),
  };
}

function logTo(file: string, { stdout, stderr }: ChildProcess) {
  mkdirSync(dirname(file), { recursive: true });
  const log = openSync(file, 'w');
  const write = (chunk: Buffer) => void writeSync(log, chunk);
  for (const stream of [stdout, stderr]) stream?.on('data', write);
  return {
    async end() {
      await nextTurn(); // what was written before the result may come after it
      await nextTurn();
      for (const stream of [stdout, stderr]) stream?.off('data', write);
      closeSync(log);
    },
  };
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
  const { onProgress, onWarning, logFile, signal } = options;
  return new Promise((resolve, reject) => {
    const hear = (message: WorkerMessage) => {
      if (message.kind === 'progress') return onProgress(message.phase, message.share);
      if (message.kind === 'warning') return onWarning(message.message);
      forget();
      if (message.kind === 'failed') return reject(failureOf(message, logFile));
      resolve(message.kind === 'done' ? message.result : undefined);
    };
    const ended = (code: number | null, killedBy: NodeJS.Signals | null) => {
      forget();
      if (signal.aborted) return resolve(undefined);
      reject(deathOf(killedBy ? `was ended by ${killedBy}` : `ended with status ${code}`, options));
    };
    const refused = ({ message }: Error) => {
      forget();
      reject(new RunFailure(`no process could be started: ${message}.`, { kind: 'environment', lastLines: [] }));
    };
    const forget = () => child.off('message', hear).off('close', ended).off('error', refused);
    child.on('message', hear).on('close', ended).on('error', refused);
    child.send(request, () => {}); // where it can't be sent, the process has ended, which is heard
  });
}

const shownLines = 5;

function deathOf(how: string, { logFile, timeoutSeconds, wasTooSlow }: Listening): RunFailure {
  const lastLines = linesOf(logFile);
  const [kind, message] = wasTooSlow()
    ? (['too-slow', `the run took longer than ${timeoutSeconds} s (--timeout-per-run).`] as const)
    : (['died', `the process of the run ${how} before it had a result.`] as const);
  return new RunFailure(`${message} ${lastLines.slice(-shownLines).join('\n')}`.trim(), { kind, lastLines });
}

function failureOf({ why, message, stack }: WorkerMessage & { kind: 'failed' }, logFile: string): RunFailure {
  const failure = new RunFailure(message, { kind: why, lastLines: linesOf(logFile) });
  failure.stack = stack;
  return failure;
}

const keptLines = 50;

function linesOf(logFile: string): string[] {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-keptLines);
}
