/** Both sides in turns, and what came of it. */

import { median } from '../src/arrays/median.ts';
import type { Benchmark, BenchmarkEntry, BenchmarkRow, Cost, PeerName } from './bench.ts';
import { startOurs, startPeer } from './peer.ts';
import type { Refusal, Side } from './side.ts';

const rounds = 9;
/** With each of the two processes of a side. */
const roundsOfEach = 5;
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
      const [ours, theirs] = [name, other].map((own) => () => startOurs({ benchmark: own, iterations }));
      const { pairs, figures } = await inBothOrders(ours, theirs);
      const target = targets[peer];
      const known = { name, threads, peer: other, peerVersion: pairs[0].theirs.version };
      onRow({ ...known, ...(target !== undefined && { target }), ...figures });
    },
  };
}

async function measure(benchmark: Benchmark, peerName: PeerName): Promise<BenchmarkRow> {
  const { name, threads, iterations, targets } = benchmark;
  const target = targets[peerName];
  const known = { name, threads, peer: peerName, ...(target !== undefined && { target }) };
  const startOwn = () => startOurs({ benchmark: name, iterations });
  const startTheirs = () => startPeer(peerName, { benchmark: name, threads, iterations });
  let difference: number | undefined;
  const both = await inBothOrders(startOwn, startTheirs, (pairs) => {
    difference = largestDifference(name, pairs);
  });
  if ('reason' in both) return { ...known, ...(await alone(startOwn)), reason: both.reason };
  const [{ ours, theirs }] = both.pairs;
  return {
    ...known,
    buildMs: ours.buildMs ?? 0,
    ...both.figures,
    peerVersion: theirs.version,
    ...(difference !== undefined && { difference }),
  };
}

type Start<Answer> = () => Promise<Answer>;

interface Pair {
  readonly ours: Side;
  readonly theirs: Side;
}

interface Both {
  /** In the order in which their first processes were started. */
  readonly pairs: readonly Pair[];
  readonly figures: Figures;
}

/**
 * Two processes of each side, in turns. They start as ours, theirs, theirs, ours: whoever comes first is some hundredths slower, perhaps
 * because it gets the memory that others have left in pieces.
 *
 * @param check Is called before the first round; what it throws, or a side that fails, stops all.
 */
export async function inBothOrders<Theirs extends Side | Refusal>(
  ours: Start<Side>,
  theirs: Start<Theirs>,
  check: (pairs: readonly Pair[]) => void = () => {},
): Promise<Both | Exclude<Theirs, Side>> {
  const sides: Side[] = [];
  try {
    for (const start of [ours, theirs, theirs, ours]) {
      const side = await start();
      if ('reason' in side) return side as Exclude<Theirs, Side>;
      sides.push(side);
    }
    const pairs = [
      { ours: sides[0], theirs: sides[1] },
      { ours: sides[3], theirs: sides[2] },
    ];
    check(pairs);
    const [ourFirst, theirFirst, theirSecond, ourSecond] = await inTurns(sides, roundsOfEach);
    return { pairs, figures: beside([ourFirst.concat(ourSecond), theirFirst.concat(theirSecond)]) };
  } finally {
    for (const side of sides) side.stop();
  }
}

/** For each side its rounds; the first ones do not count. */
export async function inTurns(sides: readonly Pick<Side, 'round'>[], count = rounds): Promise<Cost[][]> {
  const costs: Cost[][] = sides.map(() => []);
  for (let round = -warmUps; round < count; round += 1) {
    for (const [index, side] of sides.entries()) {
      const cost = await side.round();
      if (round >= 0) costs[index].push(cost);
    }
  }
  return costs;
}

type Figures = Omit<BenchmarkRow, 'name' | 'threads' | 'peer' | 'peerVersion'>;

async function alone(start: Start<Side>): Promise<Figures & { buildMs: number; peerVersion: null }> {
  const side = await start();
  const nothing = { peerMs: null, ratio: null, peerVersion: null, peerCpuMs: null, cpuRatio: null, peerPeakMb: null };
  try {
    const [costs] = await inTurns([side]);
    return { buildMs: side.buildMs ?? 0, ...sideFigures(costs), ...nothing };
  } finally {
    side.stop();
  }
}

function sideFigures(costs: readonly Cost[]): Pick<Figures, 'oursPeakMb'> & { oursMs: number; oursCpuMs: number } {
  return { oursMs: medianOf(costs, 'wallMs'), oursCpuMs: medianOf(costs, 'cpuMs'), oursPeakMb: peakOf(costs) };
}

export function beside([ours, theirs]: readonly Cost[][]): Figures {
  const ratios = ours.map((own, round) => ({
    wallMs: own.wallMs / theirs[round].wallMs,
    cpuMs: own.cpuMs / theirs[round].cpuMs,
  }));
  return {
    ...sideFigures(ours),
    peerMs: medianOf(theirs, 'wallMs'),
    ratio: medianOf(ratios, 'wallMs'),
    peerCpuMs: medianOf(theirs, 'cpuMs'),
    cpuRatio: medianOf(ratios, 'cpuMs'),
    peerPeakMb: peakOf(theirs),
  };
}

function medianOf<Key extends string>(list: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return median(list.map((entry) => entry[key]));
}

function peakOf(costs: readonly Cost[]): number {
  return Math.max(...costs.map(({ peakMb }) => peakMb));
}

/**
 * Relative; `undefined` where nothing is compared.
 *
 * @throws Error where what the sides of a pair computed from the same inputs is not the same.
 */
function largestDifference(name: string, pairs: readonly Pair[]): number | undefined {
  const differences = pairs.flatMap(({ ours, theirs }) => {
    if (ours.check.length === 0 || theirs.check.length === 0) return [];
    const own = ours.check.map((value, i) => Math.abs(value - theirs.check[i]) / Math.max(Math.abs(value), 1e-12));
    if (ours.check.length === theirs.check.length && Math.max(...own) <= mostDifference) return own;
    const [we, they] = [ours.check.join(', '), theirs.check.join(', ')];
    throw new Error(`benchmark ${name}: we computed ${we}, but the peer ${they}.`);
  });
  return differences.length > 0 ? Math.max(...differences) : undefined;
}
