/** How long a user waits for the command itself: a process from its start to its end. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../src/arrays/median.ts';
import type { BenchmarkEntry, BenchmarkRow } from './bench.ts';
import { inTurns } from './measure.ts';

const commands = [
  { name: 'startup-help', limitMs: 250, args: ['--help'] },
  {
    name: 'startup-account',
    limitMs: 500,
    args: 'account epsilon --sampling-rate 0.01 --noise-multiplier 1.1 --steps 1000 --delta 1e-5 --json'.split(' '),
  },
];

export const startup: BenchmarkEntry = {
  name: 'startup',
  summary: 'the command from its start to its end: --help, and account epsilon',
  run: async ({ peer, onRow }) => {
    for (const command of commands) onRow({ ...(await measured(command)), peer });
  },
};

const nothing = { peerMs: null, ratio: null, peerVersion: null, threads: 1, reason: 'a peer has no such command' };

async function measured({ name, limitMs, args }: (typeof commands)[number]): Promise<Omit<BenchmarkRow, 'peer'>> {
  const main = fileURLToPath(new URL(`../src/cli/main${import.meta.url.slice(-3)}`, import.meta.url));
  const round = async () => {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, main, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`cutlayer ${args.join(' ')} failed: ${stderr}`);
    return { wallMs: performance.now() - start, cpuMs: 0, peakMb: 0 };
  };
  const [costs] = await inTurns([{ round }]);
  return { name, oursMs: median(costs.map(({ wallMs }) => wallMs)), limitMs, ...nothing };
}
