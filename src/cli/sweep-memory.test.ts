/** What the process of a sweep takes beside those of its runs, which do the work. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandArgs } from './testing/run-cli.ts';

const experiment = `
name: small
data: { name: mnist, train: 40, test: 20 }
model: { name: strided, cut: 2 }
trainer: { name: splitfed-v1, clients: 2, rounds: 1, batchSize: 20 }
attacks: [ { name: inverse-network, victims: 4, auxiliary: 20, epochs: 1 } ]
seeds: 1:6
`;
const everyMs = 20;

describe('memory of a sweep', function () {
  this.timeout(240_000);

  it('is at most 50 MB beside its runs, above a bare process of Node', async function () {
    if (!existsSync('/proc/self/status')) return this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'cutlayer-memory-'));
    const file = join(folder, 'small.yaml');
    writeFileSync(file, experiment);
    const bare = await peakMb(['--import', 'tsx', '--eval', 'setTimeout(() => {}, 500)']);
    const sweep = await peakMb([...commandArgs, 'run', file, '--out', folder, '--jobs', '1']);
    rmSync(folder, { recursive: true });
    console.log(`      the sweep's own process: ${sweep.toFixed(0)} MB; Node alone: ${bare.toFixed(0)} MB`);
    expect(bare).to.be.above(1);
    expect(sweep - bare).to.be.below(50);
  });
});

/** The most that a process holds for itself alone: pages of Node's own program are shared by all. */
function peakMb(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, privateMb(child.pid));
  }, everyMs);
  return new Promise((resolve, reject) => {
    child.once('close', (status) => {
      clearInterval(timer);
      if (status === 0) resolve(peak);
      else reject(new Error(`it ended with status ${status}`));
    });
  });
}

/** 0 of a process that has ended. */
function privateMb(pid: number | undefined): number {
  try {
    const [, kilobytes = '0'] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
}
