/** What list, show, cost, doctor and bench answer. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogues, trainers } from './catalogues.ts';
import { kinds } from './kinds.ts';
import { rangeOf } from './show/description.ts';
import { table } from './table.ts';
import { runCli, spawnCli } from './testing/run-cli.ts';

/** The one JSON document on stdout. */
async function answer<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await runCli(...args, '--json', '--quiet');
  expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

const all = { ...catalogues, trainers };

describe('cutlayer cache', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-cache-'));
    const entry = join(folder, '.phases', 'train-0123456789abcdef');
    mkdirSync(entry, { recursive: true });
    writeFileSync(join(entry, 'phase.json'), '12345');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('finds what a run with the same --out, or --cache, keeps', async () => {
    for (const where of [[folder], ['--cache', join(folder, '.phases')]]) {
      const { cache, entries } = await answer<{ cache: string; entries: object[] }>('cache', 'list', ...where);
      expect(cache).to.equal(join(folder, '.phases'));
      expect(entries).to.have.length(1);
      expect(entries[0]).to.include({ phase: 'train', key: '0123456789abcdef', bytes: 5 });
    }
    expect((await answer<{ cache: string }>('cache', 'list')).cache).to.equal(join('results', 'runs', '.phases'));
  });

  it('refuses folders that are not there, and two at once', async () => {
    for (const [args, expected] of [
      [[join(folder, 'none')], /there is no folder ".*none.\.phases"\. Name what "cutlayer run" was given/],
      [['--cache', join(folder, 'none')], /there is no folder ".*none"/],
      [[folder, '--cache', folder], /not both/],
    ] as const) {
      for (const command of ['list', 'prune']) {
        const { status, stderr } = await runCli('cache', command, ...args);
        expect(status).to.equal(2);
        expect(stderr).to.match(expected);
      }
    }
  });

  it('removes what is old', async () => {
    expect(await answer<{ removed: object[] }>('cache', 'prune', folder)).to.deep.include({ removed: [] });
    expect(
      (await answer<{ removed: object[] }>('cache', 'prune', folder, '--older-than', '0s')).removed,
    ).to.have.length(1);
  });
});

describe('cutlayer list', () => {
  for (const kind of kinds) {
    it(`lists ${kind}s: names with one line each`, async () => {
      const entries = all[`${kind}s`].map(({ name, summary }) => ({ name, summary }));
      expect(await answer('list', `${kind}s`)).to.deep.equal(entries);
      const { stdout } = await runCli('list', `${kind}s`);
      for (const { name, summary } of entries)
        expect(stdout).to.match(new RegExp(`^${name} .*${summary.slice(0, 9)}`, 'm'));
    });
  }
});

interface Shown {
  readonly kind: string;
  readonly name: string;
  readonly options: object;
  readonly sources: readonly string[];
}

describe('cutlayer show', () => {
  for (const kind of kinds) {
    for (const { name, options } of all[`${kind}s`]) {
      it(`shows ${kind} ${name}`, async () => {
        const shown = await answer<Shown>('show', kind, name);
        expect(shown).to.deep.include({ kind, name }).and.include.keys('summary', 'options', 'sources');
        expect(Object.keys(shown.options)).to.deep.equal(Object.keys(options));
        const { stdout } = await runCli('show', kind, name);
        for (const option of Object.keys(options)) expect(stdout).to.match(new RegExp(`^ {2}${option} `, 'm'));
        expect(stdout).not.to.match(/undefined|NaN|\[object/);
      });
    }
  }

  it('prints the layers of lenet5 as the contract numbers them', async () => {
    const { layers, parameters, cuts } = await answer<{
      layers: { index: number; label: string; outputShape: number[]; parameters: number }[];
      parameters: number;
      cuts: object;
    }>('show', 'model', 'lenet5');
    expect(layers.map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(layers[3]).to.deep.equal({
      index: 4,
      label: 'conv2d 5×5×16 valid',
      outputShape: [10, 10, 16],
      parameters: 2416,
    });
    expect({ parameters, cuts }).to.deep.equal({ parameters: 61_706, cuts: { min: 1, max: 11 } });
    expect((await runCli('show', 'model', 'lenet5')).stdout).to.match(/^ +12 +dense 10 +10 +850$/m);
  });

  it('builds a model for other inputs', async () => {
    const { layers } = await answer<{ layers: { parameters: number; outputShape: number[] }[] }>(
      ...['show', 'model', 'lenet5', '--input', '32x32x3', '--classes', '7'],
    );
    expect(layers[0]).to.deep.include({ parameters: 5 * 5 * 3 * 6 + 6, outputShape: [32, 32, 6] });
    expect(layers[11]).to.deep.include({ parameters: 84 * 7 + 7, outputShape: [7] });
  });

  it('says what an attack is shown and knows, and where it has nothing to see', async () => {
    const { threatModel } = await answer<{ threatModel: { defaultView: object; views: object[] } }>(
      ...['show', 'attack', 'inverse-network'],
    );
    expect(threatModel.defaultView).to.deep.equal({ split: 'main-server', federated: null });
    expect(threatModel.views[0]).to.deep.include({
      view: 'main-server',
      conduct: 'honest-but-curious',
      knows: ['clientParams', 'auxiliary'],
    });
  });

  it('says what a trainer’s servers see', async () => {
    expect(await answer('show', 'trainer', 'split')).to.deep.include({ views: ['main-server', 'servers'] });
    expect((await runCli('show', 'trainer', 'centralized')).stdout).to.match(
      /Views for attackers: none, since nothing/,
    );
  });

  it('says what a defense claims: ε of one release at ledger.distance, and how to read it', async () => {
    const { claims, reading } = await answer<{ claims: object[]; reading: string[] }>('show', 'defense', 'pixeldp');
    // ε = 1 at distance 0.1 is ε = 10 at distance 1
    expect(claims[0]).to.deep.include({
      channel: 'activation',
      distance: 1,
      norm: 'l1',
      event: { kind: 'laplace', noiseMultiplier: 0.1 },
    });
    expect(claims[0]).to.have.property('epsilon').that.is.closeTo(10, 1e-4);
    expect(reading.join('\n')).to.match(/not for any two images/);
    expect((await runCli('show', 'defense', 'pixeldp')).stdout).to.match(
      /two inputs at L1 distance 1 \(ledger\.distance\)/,
    );
  });
});

describe('the options table', () => {
  it('says what is allowed', () => {
    const description = '';
    expect(rangeOf({ type: 'integer', min: 1, description })).to.equal('integer ≥ 1');
    expect(rangeOf({ type: 'number', above: 0, infinite: true, description })).to.equal('number > 0 or .inf');
    expect(rangeOf({ type: 'number', above: 0, max: 1, description })).to.equal('0 < number ≤ 1');
    expect(rangeOf({ type: 'number', below: 1, description })).to.equal('number < 1');
    expect(rangeOf({ type: 'number', description })).to.equal('number');
    expect(rangeOf({ type: 'numbers', above: 0, description })).to.equal('list of numbers > 0');
    expect(rangeOf({ type: 'numbers', description })).to.equal('list of numbers');
    expect(rangeOf({ type: 'choice', choices: ['a', 'b'], description })).to.equal('a | b');
  });

  it('aligns cells by characters', () => {
    expect(
      table(
        [
          ['ε', '1'],
          ['abc', '10'],
        ],
        [1],
      ),
    ).to.deep.equal(['ε     1', 'abc  10']);
  });
});

describe('cutlayer cost', () => {
  interface Row {
    readonly trainer: string;
    readonly valuesPerClient: number;
    readonly valuesTotal: number;
    readonly bytesTotal: number;
    readonly cut: number;
  }
  const file = 'experiments/smoke.yaml'; // 200 examples, 2 clients

  it('has a row for every trainer, by the formulas of SplitFed, Table 2', async () => {
    const rows = await answer<Row[]>('cost', file, '--set', 'model.cut=1');
    expect(rows.map(({ trainer }) => trainer)).to.deep.equal(trainers.map(({ name }) => name));
    const [q, client, whole] = [14 * 14 * 6, 156, 40_314];
    const split = 2 * 200 * q + 2 * 2 * client;
    expect(rows.map(({ valuesTotal }) => valuesTotal)).to.deep.equal([0, 2 * 2 * whole, split, split, split]);
    expect(rows[4]).to.deep.include({ valuesPerClient: split / 2, bytesTotal: 4 * (split + 200) });
  });

  it('charges the clients that take part, as the trainer or dp-fedavg chooses them', async () => {
    const sets = ['trainer.clients=5', 'trainer.participation=0.5', 'attacks=[]'];
    const grid = 'grid.defenses=[[], [{ name: pixeldp }], [{ name: dp-fedavg }]]';
    const rows = await answer<(Row & { participants: number })[]>('cost', file, '--set', ...sets, grid);
    const federated = rows.filter(({ trainer }) => trainer === 'federated');
    expect(federated.map(({ participants }) => participants)).to.deep.equal([3, 2.5]);
    expect(federated.map(({ valuesTotal }) => valuesTotal)).to.deep.equal([3, 2.5].map((m) => 2 * m * 40_314));
    expect((await runCli('cost', file, '--set', ...sets, 'grid={}')).stdout).to.match(
      /5 clients with 200 examples; one round in which 3 of them take part \(means over who does\):/,
    );
  });

  it('has one table for each setting that differs, and none twice', async () => {
    const rows = await answer<Row[]>('cost', file, '--set', 'grid.model.cut=[2, 4]', '--set', 'seeds=[1, 2]');
    expect(rows.map(({ cut }) => cut)).to.deep.equal([2, 2, 2, 2, 2, 4, 4, 4, 4, 4]);
  });

  it('counts the examples of the data set where the file names no number', async () => {
    const { stdout } = await runCli('cost', file, '--set', 'data={ name: mnist }');
    expect(stdout).to.match(/2 clients with 60,000 examples/);
  });
});

describe('cutlayer doctor', () => {
  it('reports as one document, with what is required in order', async () => {
    const diagnosis = await answer<{ ok: boolean; engines: { name: string }[]; datasets: { name: string }[] }>(
      'doctor',
    );
    expect(diagnosis.ok).to.equal(true);
    expect(diagnosis.engines.map(({ name }) => name)).to.deep.equal(['onnx', 'tensorflow', 'cpu']);
    expect(diagnosis.datasets.map(({ name }) => name)).to.deep.equal(catalogues.datasets.map(({ name }) => name));
  });
});

describe('cutlayer bench', () => {
  it('has a row with the reason where the peer cannot run', async () => {
    const env = { CUTLAYER_PYTHON: '/nowhere/python' };
    const { stdout } = await spawnCli(['bench', 'deep-leakage-1', '--peer', 'jax', '--json'], { env });
    const rows = JSON.parse(stdout) as object[];
    expect(rows).to.have.lengthOf(1);
    expect(rows[0]).to.include({ name: 'deep-leakage-1', peer: 'jax', peerMs: null, ratio: null, threads: 1 });
    expect(rows[0]).to.have.property('oursMs').that.is.above(0);
    expect(rows[0]).to.have.property('reason').that.is.a('string');
  });
});
