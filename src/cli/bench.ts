/** `cutlayer bench`: our time beside a peer's, in alternating rounds. */

import type { CommandModule } from 'yargs';
import type { BenchmarkRow } from '../../bench/index.ts';
import { type PeerName, peerNames } from '../../bench/peer.ts';
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

export const benchCommand: CommandModule = {
  command: 'bench [names..]',
  describe: 'time what counts, beside another framework where it is installed',
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

async function bench({ names, peer, engine, threads, quiet, json }: BenchArguments): Promise<void> {
  if (engine !== 'onnx' || threads !== 1) {
    throw new UsageError('bench times engine "onnx" on one thread; leave --engine and --threads out.');
  }
  const { benchmarks, runBenchmarks } = await import('../../bench/index.ts');
  const known = benchmarks.map(({ name }) => name);
  const chosen = names.map((name) => oneOf('bench', name, known));
  const rows = await runBenchmarks(chosen, peer, (row) => {
    if (!quiet) process.stderr.write(`${row.name}: ${milliseconds(row.oursMs)} ms\n`);
  });
  print(json, rows, lines(rows));
}

function lines(rows: readonly BenchmarkRow[]): string[] {
  const head = ['benchmark', 'ours, ms', 'peer, ms', 'ratio', 'threads', 'peer'];
  const cells = rows.map(({ name, oursMs, peerMs, ratio, threads, peer, peerVersion }) => [
    name,
    milliseconds(oursMs),
    peerMs === null ? '–' : milliseconds(peerMs),
    ratio === null ? '–' : ratio.toFixed(2),
    String(threads),
    peerVersion === null ? '–' : `${peer} ${peerVersion}`,
  ]);
  const reasons = new Set(rows.flatMap(({ peer, reason }) => (reason === undefined ? [] : [`No ${peer}: ${reason}.`])));
  return [...table([head, ...cells], [1, 2, 3, 4]), ...(reasons.size > 0 ? ['', ...reasons] : [])];
}

function milliseconds(time: number): string {
  return time.toPrecision(3);
}
