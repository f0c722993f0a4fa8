/** The peers' scripts, and our own process beside them. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { computingProcess } from '../src/compile/engines/computing-process.ts';
import type { PeerName } from './bench.ts';
import { type Refusal, type Side, startSide } from './side.ts';

export interface SideRequest {
  readonly benchmark: string;
  readonly threads: number;
  readonly iterations: number;
}

/** Starts the peer's script; `{ reason }` where it is not installed or does not know the benchmark. */
export async function startPeer(
  peer: PeerName,
  { benchmark, threads, iterations }: SideRequest,
): Promise<Side | Refusal> {
  const script = scriptOf(peer);
  if (!script) return { reason: `there is no peer script for ${peer}` };
  const python = process.env['CUTLAYER_PYTHON'] ?? 'python3';
  return startSide(python, [script, benchmark, String(threads), String(iterations)]);
}

/** Starts our side in a process of its own, as the runs of an experiment are: its memory is that of the benchmark alone. */
export async function startOurs({ benchmark, iterations }: Omit<SideRequest, 'threads'>): Promise<Side> {
  const script = fileURLToPath(new URL(`./serve${import.meta.url.slice(-3)}`, import.meta.url));
  const { env, execArgv } = computingProcess();
  const side = await startSide(process.execPath, [...execArgv, script, benchmark, String(iterations)], env);
  if ('reason' in side) throw new Error(`benchmark ${benchmark} does not start: ${side.reason}`);
  return side;
}

/** Beside this file among the sources, and from `dist` in the package's `bench/peers`. */
function scriptOf(peer: PeerName): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const name = `${peer}_peer.py`;
  return [join(here, 'peers', name), join(here, '..', '..', 'bench', 'peers', name)].find((file) => existsSync(file));
}
