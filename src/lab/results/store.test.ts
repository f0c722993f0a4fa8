import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import { tryLease } from '../phases/lease.ts';
import { madeConditions as conditions, madeOrigin as origin } from '../testing/made-conditions.ts';
import type { Conditions } from './conditions.ts';
import { runIdOf } from './run-id.ts';
import { runStatus } from './run-status.ts';
import { runStore } from './store.ts';

const dataFiles = [{ file: 'train-images-idx3-ubyte', sha256: 'aa' }];
const configOf = (seed: number) =>
  ({ name: 'stored', seed, epsilon: Number.POSITIVE_INFINITY }) as unknown as RunConfig;
/** Of what the store looks at, with numbers that JSON does not know. */
const resultOf = (seed: number) =>
  ({
    config: configOf(seed),
    dataFiles,
    testAccuracy: 0.5,
    epsilonWeights: Number.POSITIVE_INFINITY,
  }) as unknown as RunResult;

describe('runStore', () => {
  let folder = '';
  let warnings: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    warnings = [];
    storeOf(conditions).save(resultOf(1));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const storeOf = (own: Conditions) =>
    runStore({ folder, conditions: own, origin, warn: (message) => warnings.push(message) });
  const find = (seed = 1, own = conditions) => storeOf(own).find({ config: configOf(seed), dataFiles })?.result;
  const file = () => join(folder, 'runs', readdirSync(join(folder, 'runs'))[0] as string, 'result.json');

  it('finds what was made on another machine, or with other packages, for none of its own, and says why', () => {
    const moved = { ...conditions, cpu: 'another', versions: { 'onnxruntime-node': '1.0.1' } };
    expect(find(1, moved)).to.equal(undefined);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.match(
      /with versions \{"onnxruntime-node":"1.0.0"\}, now \{"onnxruntime-node":"1.0.1"\}, which may/,
    );
    expect(warnings[1]).to.match(/with cpu "made up", now "another", .*; they are made again\.$/);
    expect(find(1, { ...conditions, node: '22' })).to.equal(undefined);
    expect(find(1, { ...conditions, dataDir: '/elsewhere' })).to.deep.equal(resultOf(1)); // its checksums count
  });

  it('keeps how each run was made', () => {
    expect(storeOf(conditions).find({ config: configOf(1), dataFiles })).to.deep.include({ conditions, origin });
  });

  it('believes that a run is running only while somebody holds its lease', () => {
    const store = storeOf(conditions);
    store.saveStatus(configOf(1), { state: 'running', pid: 1, started: 'then' });
    const status = () => runStatus(join(folder, 'runs', runIdOf(configOf(1))));
    expect(status()).to.deep.equal({ state: 'interrupted', started: 'then' });
    const lease = tryLease(store.leaseFile(configOf(1)));
    expect(status()).to.deep.include({ state: 'running', pid: 1 });
    lease?.giveBack();
    expect(status()?.state).to.equal('interrupted');
  });

  it('gives back what it was given, and nothing of other conditions or other data', () => {
    expect(find()).to.deep.equal(resultOf(1));
    expect(find(2)).to.equal(undefined);
    expect(find(1, { ...conditions, engine: 'cpu' })).to.equal(undefined);
    expect(storeOf(conditions).find({ config: configOf(1), dataFiles: [] })).to.equal(undefined);
    expect(warnings).to.deep.equal([]);
  });

  const text = () => readFileSync(file(), 'utf8');
  const damages: readonly (readonly [string, () => string, RegExp])[] = [
    ['cut off', () => text().slice(0, -40), /cannot be read \(.*JSON/],
    ['empty', () => '', /cannot be read \(.*JSON/],
    ['no record', () => '[]', /does not hold the conditions and the result of a run/],
    ['null', () => 'null', /does not hold the conditions and the result of a run/],
    ['without a result', () => JSON.stringify({ conditions }), /does not hold the conditions and the result of a run/],
    ['with a result of another shape', () => JSON.stringify({ conditions, result: {} }), /is not what was written/],
    ['with a figure changed', () => text().replace('0.5', '0.9'), /is not what was written \(by its SHA-256\)/],
  ];
  for (const [what, content, expected] of damages) {
    it(`takes a file that is ${what} for a run that is not finished, and says which`, () => {
      writeFileSync(file(), content());
      expect(find()).to.equal(undefined);
      expect(warnings).to.have.length(1);
      expect(warnings[0])
        .to.match(expected)
        .and.contain(file())
        .and.match(/, so its run counts as not finished\.$/);
      storeOf(conditions).save(resultOf(1));
      expect(find()).to.deep.equal(resultOf(1));
    });
  }

  it('does not take the file of another run, whatever its name', () => {
    const own = file();
    storeOf(conditions).save(resultOf(2));
    const other = readdirSync(join(folder, 'runs')).map((id) => join(folder, 'runs', id, 'result.json'));
    renameSync(other.find((name) => name !== own) as string, own);
    expect(find()).to.equal(undefined);
    expect(warnings.join()).to.match(/holds the run [0-9a-f]{12}, so/);
  });

  it('says nothing of what older code wrote', () => {
    writeFileSync(file(), JSON.stringify({ conditions: { ...conditions, code: 'old' }, result: { rounds: [] } }));
    expect(find()).to.equal(undefined);
    expect(warnings).to.deep.equal([]);
  });

  it('remembers why a run failed, under the same conditions', () => {
    const run = { config: configOf(3), dataFiles };
    const times = { started: '2026-01-01T00:00:00Z', ended: '2026-01-01T00:01:00Z' };
    const failed = { message: 'training diverged', stack: 'Error: …', lastLines: ['nan'] };
    expect(storeOf(conditions).findFailure(run)).to.equal(undefined);
    storeOf(conditions).saveStatus(run.config, { state: 'running', pid: 1, started: times.started });
    expect(storeOf(conditions).findFailure(run)).to.equal(undefined);
    storeOf(conditions).saveStatus(run.config, { state: 'failed', ...times, ...failed });
    expect(storeOf(conditions).findFailure(run)).to.deep.include(failed);
    expect(storeOf({ ...conditions, code: 'other' }).findFailure(run)).to.equal(undefined);
    const status = storeOf(conditions).logFile(run.config).replace('log.txt', 'status.json');
    writeFileSync(status, '{"state":"fail');
    expect(storeOf(conditions).findFailure(run)).to.equal(undefined);
  });
});
