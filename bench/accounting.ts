/**
 * Medians of a call over the reference table (its DP-SGD rows with a known ε), beside dp_accounting's: measured in turns
 * where it is installed (CUTLAYER_PYTHON, else python3), else the milliseconds noted when the table was made
 * (dp_accounting 0.6.0, numpy, one thread, another machine). Run it: npx tsx bench/accounting.ts
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { epsilonOf, noiseFor } from '../src/accounting/index.ts';
import { eventOf, exactRows, type ReferenceRow, referenceRows } from '../src/accounting/testing/reference.ts';
import { median } from '../src/arrays/median.ts';

export interface AccountingRow {
  readonly name: string;
  readonly calls: number;
  /** Median over the table of each call's best of three, in milliseconds. */
  readonly oursMs: number;
  readonly worstMs: number;
  readonly peerMs: number | null;
  /** Whether the peer was measured here, or its figure is the table's. */
  readonly peer: string;
}

interface Work {
  readonly name: string;
  readonly notedMs: number | null;
  readonly rows: readonly ReferenceRow[];
  run(row: ReferenceRow): unknown;
}

const REPEATS = 3;

const table = exactRows().filter(({ mechanism }) => mechanism === 'poisson-gaussian');
const targets = referenceRows().filter(
  ({ mechanism, accountant }) => mechanism.startsWith('calibrate') && accountant === 'contour',
);

function byAccountant(accountant: 'rdp' | 'contour' | 'pld', notedMs: number | null): Work {
  return {
    name: accountant,
    notedMs,
    rows: table,
    run: (row) => epsilonOf(eventOf(row), row.delta, { accountant }),
  };
}

const works: readonly Work[] = [
  byAccountant('rdp', 16.5),
  byAccountant('contour', null),
  byAccountant('pld', 427),
  { name: 'tightest', notedMs: null, rows: table, run: (row) => epsilonOf(eventOf(row), row.delta) },
  {
    name: 'calibration',
    notedMs: 3988, // of its PLD, over the rows that it finished
    rows: targets,
    run: ({ q, sigma, steps, delta }) => noiseFor({ samplingRate: q, epsilon: sigma, steps, delta }),
  },
];

function bestOf(run: () => unknown): number {
  const times = Array.from({ length: REPEATS }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Milliseconds of dp_accounting for the same calls; `null` where it is not there or does not do this. */
function measuredPeer({ name, rows }: Work): number | null {
  const script = fileURLToPath(new URL('peers/dp_accounting_peer.py', import.meta.url));
  const input = JSON.stringify({ name, rows: rows.map(({ q, sigma, steps, delta }) => ({ q, sigma, steps, delta })) });
  const { status, stdout } = spawnSync(process.env['CUTLAYER_PYTHON'] ?? 'python3', [script], {
    input,
    encoding: 'utf8',
    timeout: 600_000,
  });
  return status === 0 ? median(JSON.parse(stdout) as number[]) : null;
}

export function measureAccounting({ withPeer }: { readonly withPeer: boolean }): AccountingRow[] {
  return works.map((work) => {
    const times = work.rows.map((row) => bestOf(() => work.run(row)));
    const measured = withPeer ? measuredPeer(work) : null;
    return {
      name: work.name,
      calls: times.length,
      oursMs: median(times),
      worstMs: Math.max(...times),
      peerMs: measured ?? work.notedMs,
      peer: measured !== null ? 'dp_accounting, measured here' : 'dp_accounting 0.6.0, as noted in the table',
    };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(measureAccounting({ withPeer: process.argv.includes('--peer') }));
}
