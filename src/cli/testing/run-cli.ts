/** Runs the command line within the test's process, as if it had been called. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { execute } from '../command-line.ts';

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one command line does; nothing reaches the terminal. */
export async function runCli(...args: string[]): Promise<CliResult> {
  const out = captured(process.stdout);
  const err = captured(process.stderr);
  try {
    const status = await execute(args);
    return { status, stdout: out.text(), stderr: err.text() };
  } finally {
    out.release();
    err.release();
  }
}

function captured(stream: NodeJS.WriteStream) {
  const original = stream.write;
  let text = '';
  stream.write = ((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  }) as typeof stream.write;
  return {
    text: () => text,
    release: () => {
      stream.write = original;
    },
  };
}

/** What node is given to be the command. */
export const commandArgs: readonly string[] = [
  '--import',
  'tsx',
  fileURLToPath(new URL('../main.ts', import.meta.url)),
];

/** The same as a process of its own, whose output is read up to `readAtMost` bytes and then closed, as by `| head`. */
export function spawnCli(args: readonly string[], { readAtMost = Number.POSITIVE_INFINITY } = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [...commandArgs, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.length >= readAtMost) child.stdout.destroy();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}
