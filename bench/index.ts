/** Side-by-side measurements: our work and a peer's in alternating rounds of one run. */

import { accounting } from './accounting-rows.ts';
import { type BenchmarkEntry, type BenchmarkRow, oneNamed, type PeerName } from './bench.ts';
import { benchmarks } from './benchmarks.ts';
import { lockstep } from './lockstep.ts';
import { lowering } from './lowering.ts';
import { alternating, besideOurs } from './measure.ts';
import { startup } from './startup.ts';

export { type BenchmarkRow, type PeerName, peerNames } from './bench.ts';

/** Everything that can be named, in the order of the table in docs/performance.md. */
export const entries: readonly BenchmarkEntry[] = [
  ...benchmarks.map((benchmark) =>
    benchmark.beside ? besideOurs(benchmark, benchmark.beside) : alternating(benchmark),
  ),
  startup,
  accounting,
  lowering,
  lockstep,
];

/** Runs what is named; without names all that does not ask for it. Throws a RangeError for a name that does not exist. */
export async function runBenchmarks(
  names: readonly string[],
  peer: PeerName,
  onRow: (row: BenchmarkRow) => void = () => {},
): Promise<BenchmarkRow[]> {
  const chosen =
    names.length > 0
      ? names.map((name) => oneNamed('bench', entries, name))
      : entries.filter(({ onRequest }) => !onRequest);
  const rows: BenchmarkRow[] = [];
  for (const entry of chosen) {
    await entry.run({
      peer,
      onRow: (row) => {
        rows.push(row);
        onRow(row);
      },
    });
  }
  return rows;
}
