/** A child process that checks experiments and does runs, one at a time: it has its own memory and engine, and takes nothing with it where it dies. */

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { computingProcess } from '../compile/engines/computing-process.ts';
import type { RunResult } from '../contracts/experiment.ts';
import type { Experiment } from './config/experiment.ts';
import { ConfigError } from './config/problems.ts';
import { RunFailure } from './run-failure.ts';
import {
  type CheckRequest,
  type RunRequest,
  stopMessage,
  type WorkerAnswer,
  type WorkerMessage,
  type WorkerNews,
} from './worker-messages.ts';

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
  /** Rejects with a ConfigError where the experiment can't be run, with a RunFailure where nobody can tell. */
  check(request: CheckRequest): Promise<Experiment>;
  /** Undefined where it only helped, or was stopped before it had a result. Rejects with a RunFailure where there will be none. */
  run(request: RunRequest, options: RunProcessOptions): Promise<RunResult | undefined>;
  /** Whether it may do a further run: it lives, and all that it did went well. */
  isFit(): boolean;
  end(): void;
}

/** @param worker The module that the child process runs. */
export function startRunProcess(worker: URL): RunProcess {
  const child = fork(worker, {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...computingProcess(),
  });
  let wentWell = true;
  child.on('error', () => {}); // told to the run in hand
  return {
    check: (request) => checked(child, request),
    async run(request, options) {
      wentWell = false;
      const log = logTo(options.logFile, child);
      const release = bindSignals(child, options);
      const clock = timeoutOf(child, options.timeoutSeconds);
      try {
        const answer = await outcomeOf(child, request, { ...options, wasTooSlow: clock.isOver });
        wentWell = answer?.kind === 'done' || answer?.kind === 'helped';
        return answer?.kind === 'done' ? answer.result : undefined;
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
  if (signal.aborted) kill();
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

/** Undefined where it was ended at once. */
async function outcomeOf(
  child: ChildProcess,
  request: RunRequest,
  options: RunProcessOptions & Timed,
): Promise<WorkerAnswer | undefined> {
  const { onProgress, onWarning, logFile, signal } = options;
  const hear = (news: WorkerNews) =>
    news.kind === 'progress' ? onProgress(news.phase, news.share) : onWarning(news.message);
  const answer = await answerOf(child, request, { hear, deathOf: (how) => deathOf(how, options) }).catch(
    (failure: RunFailure) => {
      if (signal.aborted) return undefined;
      throw failure;
    },
  );
  if (answer?.kind === 'failed') throw failureOf(answer, linesOf(readFileSync(logFile, 'utf8')));
  return answer;
}

interface Timed {
  readonly wasTooSlow: () => boolean;
}

function deathOf(how: string, { logFile, timeoutSeconds, wasTooSlow }: RunProcessOptions & Timed): RunFailure {
  const lastLines = linesOf(readFileSync(logFile, 'utf8'));
  const [kind, message] = wasTooSlow()
    ? (['too-slow', `the run took longer than ${timeoutSeconds} s (--timeout-per-run).`] as const)
    : (['died', `the process of the run ${how} before it had a result.`] as const);
  return new RunFailure(withLast(message, lastLines), { kind, lastLines });
}

async function checked(child: ChildProcess, request: CheckRequest): Promise<Experiment> {
  const said = keptText(child);
  const deathOf = (how: string) => {
    const lastLines = said.lines();
    const message = withLast(`the process that checks the experiment ${how}.`, lastLines);
    return new RunFailure(message, { kind: 'died', lastLines });
  };
  try {
    const answer = await answerOf(child, request, { hear: () => {}, deathOf });
    if (answer.kind === 'checked') return answer.experiment;
    if (answer.kind === 'refused') throw refusalOf(answer);
    if (answer.kind === 'failed') throw failureOf(answer, said.lines());
    throw new Error(`a process that was to check an experiment answered "${answer.kind}".`);
  } finally {
    said.end();
  }
}

function refusalOf({ problems, stack }: WorkerAnswer & { kind: 'refused' }): ConfigError {
  const refusal = new ConfigError(problems);
  refusal.stack = stack;
  return refusal;
}

/** What a process writes that has no log. */
function keptText({ stdout, stderr }: ChildProcess) {
  let text = '';
  const keep = (chunk: Buffer) => {
    text += chunk.toString();
  };
  for (const stream of [stdout, stderr]) stream?.on('data', keep);
  return {
    lines: () => linesOf(text),
    end() {
      for (const stream of [stdout, stderr]) stream?.off('data', keep);
    },
  };
}

interface Listening {
  readonly hear: (news: WorkerNews) => void;
  /** @param how Such as `was ended by SIGKILL`. */
  readonly deathOf: (how: string) => RunFailure;
}

/** Rejects with a RunFailure where the process ends without an answer. */
function answerOf(
  child: ChildProcess,
  request: RunRequest | CheckRequest,
  { hear, deathOf }: Listening,
): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const listen = (message: WorkerMessage) => {
      if (message.kind === 'progress' || message.kind === 'warning') return hear(message);
      forget();
      resolve(message);
    };
    const ended = (code: number | null, killedBy: NodeJS.Signals | null) => {
      forget();
      reject(deathOf(killedBy ? `was ended by ${killedBy}` : `ended with status ${code}`));
    };
    const refused = ({ message }: Error) => {
      forget();
      reject(new RunFailure(`no process could be started: ${message}.`, { kind: 'environment', lastLines: [] }));
    };
    const forget = () => child.off('message', listen).off('close', ended).off('error', refused);
    child.on('message', listen).on('close', ended).on('error', refused);
    child.send(request, () => {}); // where it can't be sent, the process has ended, which is heard
  });
}

function failureOf({ why, message, stack }: WorkerAnswer & { kind: 'failed' }, lastLines: string[]): RunFailure {
  const failure = new RunFailure(message, { kind: why, lastLines });
  failure.stack = stack;
  return failure;
}

const shownLines = 5;

function withLast(message: string, lastLines: readonly string[]): string {
  return `${message} ${lastLines.slice(-shownLines).join('\n')}`.trim();
}

const keptLines = 50;

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n').slice(-keptLines);
}
