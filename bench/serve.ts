/** Our side of a benchmark, as a process: NAME ITERATIONS. Answers like the peers' scripts (`side.ts`). */

import { createInterface } from 'node:readline';
import { useEngine } from '../src/compile/engine.ts';
import { buildStats } from '../src/compile/stats.ts';
import type { Benchmark } from './bench.ts';
import { benchmarkNamed } from './benchmarks.ts';
import { costOf } from './cost.ts';

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

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
