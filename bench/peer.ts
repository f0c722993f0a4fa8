/** The other side of a benchmark: a Python process that does the same work, a round whenever it is asked. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const peerNames = ['pytorch', 'jax'] as const;
export type PeerName = (typeof peerNames)[number];

export interface Peer {
  readonly version: string;
  /** Milliseconds of one iteration, over one round. */
  round(): Promise<number>;
  stop(): void;
}

export interface PeerRequest {
  readonly peer: PeerName;
  readonly benchmark: string;
  readonly threads: number;
  readonly iterations: number;
}

/** Starts the peer's script; `{ reason }` where it is not installed or does not know the benchmark. */
export async function startPeer(request: PeerRequest): Promise<Peer | { readonly reason: string }> {
  const script = scriptOf(request.peer);
  if (!script) return { reason: `there is no peer script for ${request.peer}` };
  const python = process.env['CUTLAYER_PYTHON'] ?? 'python3';
  const args = [script, request.benchmark, String(request.threads), String(request.iterations)];
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout });
  const first = await firstAnswer(child, { lines, python });
  if ('reason' in first) return first;
  return {
    version: first.line,
    round: () => ask(child, lines),
    stop: () => child.kill(),
  };
}

/** Beside this file among the sources, and from `dist` in the package's `bench/peers`. */
function scriptOf(peer: PeerName): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, 'peers', `${peer}.py`), join(here, '..', '..', 'bench', 'peers', `${peer}.py`)];
  return candidates.find((file) => existsSync(file));
}

function firstAnswer(
  child: ChildProcess,
  { lines, python }: { lines: Interface; python: string },
): Promise<{ line: string } | { reason: string }> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  return new Promise((resolve) => {
    lines.once('line', (line) => resolve({ line }));
    child.once('error', (error) => resolve({ reason: `${python} does not start (${error.message})` }));
    child.once('close', () => resolve({ reason: complaint.trim().split('\n').at(-1) || 'the peer ended at once' }));
  });
}

function ask(child: ChildProcess, lines: Interface): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the peer ended in the middle of a benchmark'));
    child.once('close', ended);
    lines.once('line', (line) => {
      child.off('close', ended);
      resolve(Number(line));
    });
    child.stdin?.write('round\n');
  });
}
