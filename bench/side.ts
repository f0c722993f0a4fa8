/** One side of a benchmark: a process that makes the work ready, then does a round of it whenever it is asked. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Cost } from './bench.ts';

/** What a side says once it is ready. */
export interface Ready {
  readonly version: string;
  /** Numbers that both sides must agree on; empty where there are none. */
  readonly check: readonly number[];
  readonly buildMs?: number;
}

export interface Side extends Ready {
  /** The cost of one iteration, over one round. */
  round(): Promise<Cost>;
  stop(): void;
}

/** Why a side does not get ready. */
export interface Refusal {
  readonly reason: string;
}

/** Starts a side; `{ reason }` where it does not get ready. */
export async function startSide(command: string, args: readonly string[], env = process.env): Promise<Side | Refusal> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  const lines = createInterface({ input: child.stdout });
  const first = await firstAnswer(child, { lines, command });
  if ('reason' in first) return first;
  return { ...first, round: () => ask(child, lines), stop: () => child.kill() };
}

function firstAnswer(
  child: ChildProcess,
  { lines, command }: { lines: Interface; command: string },
): Promise<Ready | Refusal> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      try {
        resolve(answerIn<Ready>(line));
      } catch (error) {
        child.kill();
        reject(error);
      }
    });
    child.once('error', (error) => resolve({ reason: `${command} does not start (${error.message})` }));
    child.once('close', () => resolve({ reason: complaint.trim().split('\n').at(-1) || 'the peer ended at once' }));
  });
}

function ask(child: ChildProcess, lines: Interface): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a side ended in the middle of a benchmark'));
    child.once('close', ended);
    lines.once('line', (line) => {
      child.off('close', ended);
      try {
        resolve(answerIn<Cost>(line));
      } catch (error) {
        reject(error);
      }
    });
    child.stdin?.write('round\n');
  });
}

function answerIn<Answer>(line: string): Answer {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    throw new Error(`a side of a benchmark must answer in JSON, but said: ${line}`);
  }
}
