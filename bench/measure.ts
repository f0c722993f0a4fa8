/** Both sides in turns, and what came of it. */

import type { Benchmark, BenchmarkEntry, BenchmarkRow, Cost, PeerName } from './bench.ts';
import { startOurs, startPeer } from './peer.ts';
import type { Side } from './side.ts';

const rounds = 9;
const warmUps = 2;
/** Beyond this the sides do not do the same work. */
const mostDifference = 0.01;

export function alternating(benchmark: Benchmark): BenchmarkEntry {
  const { name, summary } = benchmark;
  return { name, summary, run: async ({ peer, onRow }) => onRow(await measure(benchmark, peer)) };
}

/** Ours beside ours: what a benchmark costs more than another. */
export function besideOurs(benchmark: Benchmark, other: string): BenchmarkEntry {
  const { name, summary, threads, iterations, targets } = benchmark;
  return {
    name,
    summary,
    run: async ({ peer, onRow }) => {
      const sides = [
        await startOurs({ benchmark: name, iterations }),
        await startOurs({ benchmark: other, iterations }),
      ];
      const target = targets[peer];
      const figures = beside(await inTurns(sides));
      for (const side of sides) side.stop();
      const known = {
        name,
        threads,
        peer: other,
        peerVersion: sides[1].version,
        ...(target !== undefined && { target }),
      };
      onRow({ ...known, ...figures });
    },
  };
}

async function measure(benchmark: Benchmark, peerName: PeerName): Promise<BenchmarkRow> {
  const { name, threads, iterations, targets } = benchmark;
  const ours = await startOurs({ benchmark: name, iterations });
  const peer = await startPeer(peerName, { benchmark: name, threads, iterations });
  try {
    const target = targets[peerName];
    const known = {
      name,
      threads,
      peer: peerName,
      buildMs: ours.buildMs ?? 0,
      ...(target !== undefined && { target }),
    };
    if ('reason' in peer) return { ...known, ...alone(await inTurns([ours])), reason: peer.reason };
    const difference = differenceOf(name, ours, peer);
    return { ...known, ...beside(await inTurns([ours, peer])), peerVersion: peer.version, ...difference };
  } finally {
    ours.stop();
    if ('stop' in peer) peer.stop();
  }
}

/** For each side its rounds; the first ones do not count. */
export async function inTurns(sides: readonly Pick<Side, 'round'>[]): Promise<Cost[][]> {
  const costs: Cost[][] = sides.map(() => []);
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const cost = await side.round();
      if (round >= 0) costs[index].push(cost);
    }
  }
  return costs;
}

type Figures = Omit<BenchmarkRow, 'name' | 'threads' | 'peer' | 'peerVersion'>;

function alone([ours]: readonly Cost[][]): Figures & { peerVersion: null } {
  const nothing = { peerMs: null, ratio: null, peerVersion: null, peerCpuMs: null, cpuRatio: null, peerPeakMb: null };
  return { ...sideFigures(ours), ...nothing };
}

function sideFigures(costs: readonly Cost[]): Pick<Figures, 'oursPeakMb'> & { oursMs: number; oursCpuMs: number } {
  return { oursMs: median(costs, 'wallMs'), oursCpuMs: median(costs, 'cpuMs'), oursPeakMb: peakOf(costs) };
}

export function beside([ours, theirs]: readonly Cost[][]): Figures {
  const ratios = ours.map((own, round) => ({
    wallMs: own.wallMs / theirs[round].wallMs,
    cpuMs: own.cpuMs / theirs[round].cpuMs,
  }));
  return {
    ...sideFigures(ours),
    peerMs: median(theirs, 'wallMs'),
    ratio: median(ratios, 'wallMs'),
    peerCpuMs: median(theirs, 'cpuMs'),
    cpuRatio: median(ratios, 'cpuMs'),
    peerPeakMb: peakOf(theirs),
  };
}

function median<Key extends string>(list: readonly Readonly<Record<Key, number>>[], key: Key): number {
  const sorted = list.map((entry) => entry[key]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function peakOf(costs: readonly Cost[]): number {
  return Math.max(...costs.map(({ peakMb }) => peakMb));
}

/** @throws Error where what the sides computed from the same inputs is not the same. */
function differenceOf(name: string, ours: Side, peer: Side): { readonly difference?: number } {
  if (ours.check.length === 0 || peer.check.length === 0) return {};
  const differences = ours.check.map((own, i) => Math.abs(own - peer.check[i]) / Math.max(Math.abs(own), 1e-12));
  const difference = Math.max(...differences);
  if (difference <= mostDifference && ours.check.length === peer.check.length) return { difference };
  throw new Error(`benchmark ${name}: we computed ${ours.check.join(', ')}, but the peer ${peer.check.join(', ')}.`);
}
