/** Calls the command line as a user does. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let server: ChildProcess | undefined;

/**
 * What one command line does, in a process that is kept for the next: quicker than `spawnCli`. Not in the test's own process,
 * where mocha's require() and the commands' import() would load every module twice, and two compilers would register their kernels
 * in one TensorFlow.js.
 */
export function runCli(...args: string[]): Promise<CliResult> {
  server ??= startServer();
  const current = server;
  return new Promise((resolve, reject) => {
    const ended = (status: number | null) => reject(new Error(`the command's process ended with ${status}.`));
    current.once('exit', ended);
    current.once('message', (result) => {
      current.off('exit', ended);
      resolve(result as CliResult);
    });
    current.send(args);
  });
}

function startServer(): ChildProcess {
  const child = fork(fileURLToPath(new URL('cli-server.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  child.unref(); // tests end without it
  child.channel?.unref();
  return child;
}

/** What node is given to be the command. */
export const commandArgs: readonly string[] = [
  '--import',
  'tsx',
  fileURLToPath(new URL('../main.ts', import.meta.url)),
];

/** The same as a process of its own, whose output is read up to `readAtMost` bytes and then closed, as by `| head`. */
export function spawnCli(
  args: readonly string[],
  { readAtMost = Number.POSITIVE_INFINITY, env = {} }: { readAtMost?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [...commandArgs, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
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
