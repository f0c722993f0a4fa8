/** Our side of a benchmark, as a process: NAME ITERATIONS. Answers like the peers' scripts (`side.ts`). */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { useEngine } from '../src/compile/engine.ts';
import { buildStats } from '../src/compile/stats.ts';
import type { Benchmark, Cost } from './bench.ts';
import { benchmarkNamed } from './benchmarks.ts';

const [name = '', iterations = ''] = process.argv.slice(2);
await serve(benchmarkNamed(name), Number(iterations));

async function serve(benchmark: Benchmark, count: number): Promise<void> {
  const engine = await useEngine('onnx', { threads: benchmark.threads });
  const { iterate, check } = await benchmark.prepare();
  const numbers = (await check?.()) ?? [];
  await iterate();
  const buildMs = buildStats().reduce((sum, { traceMs, sessionMs }) => sum + traceMs + sessionMs, 0);
  answer({ version: engine.versions['onnxruntime-node'], check: numbers, buildMs });
  for await (const _ of createInterface({ input: process.stdin })) {
    answer(await costOf(iterate, count * (benchmark.parts ?? 1), count));
  }
}

async function costOf(iterate: () => Promise<unknown>, parts: number, count: number): Promise<Cost> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < count; i += 1) await iterate();
  const { user, system } = process.cpuUsage(before);
  return {
    wallMs: (performance.now() - start) / parts,
    cpuMs: (user + system) / 1000 / parts,
    peakMb: peakMegabytes(),
  };
}

/** Of this process alone: what Node.js reports can be the parent's, from before this process became its own. */
function peakMegabytes(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes) return Number(kilobytes) / 1024;
  } catch {
    // no /proc here
  }
  return process.resourceUsage().maxRSS / 1024;
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
