/** `cutlayer bench`: our time beside a peer's, in alternating rounds. */

import { type BenchmarkRow, type PeerName, peerNames } from '../../bench/bench.ts';
import type { CommandBody } from './commands.ts';
import type { GlobalOptions } from './global-options.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

interface BenchArguments extends GlobalOptions {
  readonly names: readonly unknown[];
  readonly peer: PeerName;
  readonly json: boolean;
}

export const benchCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('names', { describe: 'benchmarks; all where left out', type: 'string', default: [] })
      .option('peer', {
        choices: peerNames,
        default: 'pytorch' as PeerName,
        requiresArg: true,
        describe: 'timed in turns with ours',
        coerce: (value: unknown) => oneOf('--peer', value, peerNames),
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
  handler: (args) => bench(args as unknown as BenchArguments),
};

async function bench({ names, peer, engine, threads, device, quiet, json }: BenchArguments): Promise<void> {
  if (engine !== 'onnx' || threads !== 1 || device !== 'cpu') {
    throw new UsageError('bench times engine "onnx" on one thread; leave --engine, --threads and --device out.');
  }
  const { entries, runBenchmarks } = await import('../../bench/index.ts');
  const known = entries.map(({ name }) => name);
  const chosen = names.map((name) => oneOf('bench', name, known));
  const rows = await runBenchmarks(chosen, peer, (row) => {
    if (!quiet) process.stderr.write(`${row.name}: ${milliseconds(row.oursMs)} ms\n`);
  });
  print(json, rows, lines(rows));
}

function lines(rows: readonly BenchmarkRow[]): string[] {
  const head = ['benchmark', 'ours, ms', 'peer, ms', 'ratio', 'of CPU', 'aim', 'MB', 'peer, MB', 'threads', 'peer'];
  const cells = rows.map((row) => [
    row.name,
    milliseconds(row.oursMs),
    row.peerMs === null ? '–' : milliseconds(row.peerMs),
    fixed(row.ratio, 2),
    fixed(row.cpuRatio, 2),
    aim(row),
    fixed(row.oursPeakMb, 0),
    fixed(row.peerPeakMb, 0),
    String(row.threads),
    row.peerVersion === null ? '–' : `${row.peer} ${row.peerVersion}`,
  ]);
  const reasons = new Set(rows.flatMap(({ peer, reason }) => (reason === undefined ? [] : [`No ${peer}: ${reason}.`])));
  return [...table([head, ...cells], [1, 2, 3, 4, 5, 6, 7, 8]), ...(reasons.size > 0 ? ['', ...reasons] : [])];
}

function aim({ target, limitMs }: BenchmarkRow): string {
  if (limitMs !== undefined) return `≤ ${limitMs} ms`;
  return target === undefined ? '–' : `≤ ${target}`;
}

function fixed(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits);
}

function milliseconds(time: number): string {
  return time.toPrecision(3);
}
