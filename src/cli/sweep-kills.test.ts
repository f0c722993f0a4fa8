/**
 * Sweeps whose processes are killed at random. `CUTLAYER_LONG_TESTS=1` makes it 200 runs and twenty kills; leave the
 * sources alone meanwhile, since runs of other code are made again.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import { commandArgs, spawnCli } from './testing/run-cli.ts';

const isLong = process.env['CUTLAYER_LONG_TESTS'] === '1';
const runs = isLong ? 200 : 8;
const kills = isLong ? 20 : 5;
const runsBetweenKills = runs / kills;

const experiment = `
name: killed
data: { name: mnist, train: 40, test: 20 }
model: { name: strided, cut: 2 }
trainer: { name: splitfed-v1, clients: 2, rounds: 1, batchSize: 20 }
attacks: [ { name: inverse-network, victims: 4, auxiliary: 20, epochs: 1 } ]
seeds: [ ${Array.from({ length: runs }, (_, seed) => seed + 1).join(', ')} ]
`;

describe('a sweep whose processes are killed', function () {
  this.timeout(isLong ? 3_600_000 : 240_000);
  let folder = '';
  let file = '';
  const out = (name: string) => join(folder, name);
  const argsOf = (name: string) => ['run', file, '--out', out(name), '--jobs', '2'];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-kills-'));
    file = join(folder, 'killed.yaml');
    writeFileSync(file, experiment);
    expect((await spawnCli([...argsOf('whole'), '--quiet'])).status).to.equal(0);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('ends in the same bytes', async () => {
    const rng = seededRng(20_26);
    let done = 0;
    while (done < kills) done += await killedAtRandom();
    let status: number | null = 1;
    for (let tries = 0; status !== 0 && tries < 2; tries += 1) {
      status = (await spawnCli([...argsOf('killed'), '--quiet'])).status; // what died in a fresh process counts as failed
    }
    expect(status).to.equal(0);
    expect(bytesOf(out('killed'))).to.deep.equal(bytesOf(out('whole')));

    /** Children now and then, in the end the parent; gives the number of kills. */
    async function killedAtRandom(): Promise<number> {
      const args = [...commandArgs, ...argsOf('killed'), '--progress', 'json'];
      const parent = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      const ended = new Promise((resolve) => parent.on('close', resolve));
      let finished = 0;
      parent.stderr.on('data', (text: Buffer) => {
        finished += text.toString().split('"event":"done"').length - 1;
      });
      for (let own = 1; ; own += 1) {
        const next = finished + Math.floor(rng.next() * runsBetweenKills);
        while (finished < next && parent.exitCode === null) await sleep(20);
        await sleep(rng.next() * (finished === 0 ? 4000 : 800));
        const children = childrenOf(parent);
        const isParent = rng.next() < 0.4 || children.length === 0;
        for (const pid of isParent ? [parent.pid] : children) kill(pid);
        if (isParent || parent.exitCode !== null) {
          await ended;
          return own;
        }
      }
    }
  });
});

/** Of all that is to be the same, by name. */
function bytesOf(folder: string): Record<string, string> {
  const results = join(folder, 'killed');
  const pictures = readdirSync(join(results, 'pictures')).map((name) => join('pictures', name));
  return Object.fromEntries(
    ['runs.csv', 'rounds.csv', 'summary.csv', 'config.json', ...pictures.sort()].map((name) => [
      name,
      readFileSync(join(results, name)).toString('base64'),
    ]),
  );
}

/** As the system lists them; none where it has no such list. */
function childrenOf({ pid }: ChildProcess): number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended just before
  }
}
