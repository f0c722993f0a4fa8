/** Side-by-side measurements: our work and a peer's in alternating rounds of one run. */

import { useEngine } from '../src/compile/engine.ts';
import type { Benchmark, BenchmarkRow } from './bench.ts';
import { deepLeakage } from './deep-leakage.ts';
import { lenet5Step } from './lenet5-step.ts';
import { type PeerName, startPeer } from './peer.ts';

export type { Benchmark, BenchmarkRow } from './bench.ts';
export { type PeerName, peerNames } from './peer.ts';

export const benchmarks: readonly Benchmark[] = [lenet5Step(64), lenet5Step(256), deepLeakage(1), deepLeakage(8)];

const rounds = 9;
const warmUps = 2;

/** Runs the named benchmarks (all without a name). Throws a RangeError for a name that does not exist. */
export async function runBenchmarks(
  names: readonly string[],
  peer: PeerName,
  onRow: (row: BenchmarkRow) => void = () => {},
): Promise<BenchmarkRow[]> {
  const chosen = names.length > 0 ? names.map(benchmarkNamed) : benchmarks;
  const rows: BenchmarkRow[] = [];
  for (const benchmark of chosen) {
    const row = await measure(benchmark, peer);
    onRow(row);
    rows.push(row);
  }
  return rows;
}

function benchmarkNamed(name: string): Benchmark {
  const benchmark = benchmarks.find((candidate) => candidate.name === name);
  if (benchmark) return benchmark;
  throw new RangeError(`bench must be one of ${benchmarks.map((b) => b.name).join(', ')}, but is "${name}".`);
}

async function measure(benchmark: Benchmark, peerName: PeerName): Promise<BenchmarkRow> {
  const { name, threads, iterations } = benchmark;
  await useEngine('onnx', { threads });
  const iterate = await benchmark.prepare();
  const peer = await startPeer({ peer: peerName, benchmark: name, threads, iterations });
  const isThere = !('reason' in peer);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const own = await timeRound(iterate, iterations);
    const other = isThere ? await peer.round() : Number.NaN;
    if (round < 0) continue;
    ours.push(own);
    theirs.push(other);
  }
  if (isThere) peer.stop();
  const row = { name, oursMs: median(ours), threads, peer: peerName };
  if (!isThere) return { ...row, peerMs: null, ratio: null, peerVersion: null, reason: peer.reason };
  const ratio = median(ours.map((time, i) => time / (theirs[i] as number)));
  return { ...row, peerMs: median(theirs), ratio, peerVersion: peer.version };
}

async function timeRound(iterate: () => Promise<unknown>, iterations: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < iterations; i += 1) await iterate();
  return (performance.now() - start) / iterations;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
