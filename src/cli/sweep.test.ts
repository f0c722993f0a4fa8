/** Sweeps that share phases, that several processes work on, and that are told when to stop. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandArgs, spawnCli } from './testing/run-cli.ts';

const experiment = `
name: tiny
data: { name: mnist, train: 40, test: 20 }
model: { name: strided, cut: 2 }
trainer: { name: splitfed-v1, clients: 2, rounds: 1, batchSize: 20 }
attacks: [ { name: inverse-network, victims: 4, auxiliary: 20, epochs: 1 } ]
seeds: [ 1, 2, 3, 4 ]
`;
const tables = ['runs.csv', 'rounds.csv', 'summary.csv', 'config.json'];

interface Event {
  readonly event: string;
  readonly run_id?: string;
  readonly phase?: string;
}

const eventsOf = (stderr: string): Event[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** Ids of the runs that this process worked on itself. */
const ownRuns = (stderr: string) => [
  ...new Set(eventsOf(stderr).flatMap(({ event, run_id }) => (event === 'progress' && run_id ? [run_id] : []))),
];

describe('a sweep', function () {
  this.timeout(240_000);
  let folder = '';
  let file = '';
  const out = (name: string) => join(folder, name);
  const contents = (name: string) => tables.map((table) => readFileSync(join(out(name), 'tiny', table), 'utf8'));
  const run = (name: string, ...args: string[]) => spawnCli(['run', file, '--out', out(name), ...args]);
  const phasesIn = (name: string, phase: string) =>
    readdirSync(join(out(name), '.phases')).filter((entry) => entry.startsWith(`${phase}-`));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-sweep-'));
    file = join(folder, 'tiny.yaml');
    writeFileSync(file, experiment);
    expect((await run('whole', '--quiet')).status).to.equal(0);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('trains a victim once for all attacks on it, and records once what they share', async () => {
    const attacks = [1, 2, 3].map(
      (epochs) => `{ name: inverse-network, victims: 4, auxiliary: 20, epochs: ${epochs} }`,
    );
    const set = [`grid.attacks=[${attacks.map((attack) => `[${attack}]`).join(', ')}]`];
    const sets = ['--seeds', '1', '--set', ...set];
    const plan = JSON.parse((await run('shared', ...sets, '--dry-run', '--json')).stdout);
    expect(plan.phases).to.deep.equal({
      train: { needed: 1, stored: 0 },
      record: { needed: 1, stored: 0 },
      attack: { needed: 3, stored: 0 },
    });
    expect((await run('shared', ...sets)).status).to.equal(0);
    expect(['train', 'record', 'attack'].map((phase) => phasesIn('shared', phase).length)).to.deep.equal([1, 1, 3]);
    const bytes = ['train', 'record']
      .flatMap((phase) => phasesIn('shared', phase))
      .reduce((sum, entry) => {
        return sum + readFileSync(join(out('shared'), '.phases', entry, 'arrays.safetensors')).length;
      }, 0);
    expect(bytes / plan.phase_bytes).to.be.within(0.98, 1.05);
    const alone = await run('alone', ...sets, '--cache', 'none', '--quiet');
    expect(alone.status).to.equal(0);
    expect(existsSync(join(out('alone'), '.phases'))).to.equal(false);
    expect(contents('shared')).to.deep.equal(contents('alone'));
  });

  it('takes attacks of a run that goes on where no run is left, and gives the same bytes', async () => {
    const attacks = [40, 41, 42, 43].map(
      (epochs) => `{ name: inverse-network, victims: 4, auxiliary: 200, epochs: ${epochs} }`,
    );
    const sets = ['--seeds', '1', '--quiet', '--set', `attacks=[${attacks.join(', ')}]`];
    const logs = (name: string) => {
      const [folder = ''] = readdirSync(join(out(name), 'tiny', 'runs')).map((id) =>
        join(out(name), 'tiny', 'runs', id),
      );
      return readdirSync(folder).flatMap((entry) =>
        entry.startsWith('log') ? [readFileSync(join(folder, entry), 'utf8')] : [],
      );
    };
    expect((await run('alone-in-turn', ...sets, '--jobs', '1')).status).to.equal(0);
    expect(logs('alone-in-turn')).to.have.lengthOf(1);
    expect((await run('helped', ...sets, '--jobs', '2')).status).to.equal(0);
    const [ofHelper = '', ofRun = ''] = logs('helped'); // log-2.txt, log.txt
    const ended = (log: string) => log.match(/attack inverse-network( \d)? 100 %/g)?.length ?? 0;
    expect(ended(ofHelper)).to.be.above(0);
    expect(ended(ofHelper) + ended(ofRun)).to.equal(attacks.length);
    expect(contents('helped')).to.deep.equal(contents('alone-in-turn'));
  });

  it('is shared by two parents on one folder, and nothing is done twice', async () => {
    const both = await Promise.all([run('both', '--progress', 'json'), run('both', '--progress', 'json')]);
    expect(both.map(({ status }) => status)).to.deep.equal([0, 0]);
    const [first = [], second = []] = both.map(({ stderr }) => ownRuns(stderr));
    expect(first.filter((id) => second.includes(id))).to.deep.equal([]);
    expect(first.length + second.length).to.equal(4);
    expect(contents('both')).to.deep.equal(contents('whole'));
  });

  it('remembers what failed, and runs it again only on request', async () => {
    const diverging = [
      '--seeds',
      '1,2',
      '--set',
      'trainer.optimizer={name: sgd, learningRate: 1e30}',
      'trainer.rounds=3',
      '--progress',
      'json',
    ];
    const first = await run('failed', ...diverging, '--jobs', '1', '--fail-fast');
    expect(first.status).to.equal(1);
    expect(eventsOf(first.stderr).filter(({ event }) => event === 'failed')).to.have.lengthOf(1);
    const [id = ''] = readdirSync(join(out('failed'), 'tiny', 'runs'));
    const status = JSON.parse(readFileSync(join(out('failed'), 'tiny', 'runs', id, 'status.json'), 'utf8'));
    expect(status).to.deep.include({ state: 'failed' });
    expect(status.message).to.match(/training diverged/);
    const second = await run('failed', ...diverging, '--json');
    expect(second.status).to.equal(1);
    expect(ownRuns(second.stderr)).to.not.include(id);
    expect(eventsOf(second.stderr)).to.deep.include({
      ...{ event: 'failed-before', run_id: id, message: status.message },
    });
    const log = join(out('failed'), 'tiny', 'runs', id, 'log.txt');
    expect(JSON.parse(second.stdout).failed).to.deep.include({ run_id: id, message: status.message, log });
    const quietly = await run('failed', ...diverging.slice(0, -2), '--quiet');
    expect(quietly.stderr).to.contain(`failed before: ${status.message}\n  its log: ${log}\n`);
    expect(quietly.stderr).to.match(/2 of 2 runs failed; .* --retry-failed runs them again\.$/m);
    const planned = await run('failed', ...diverging.slice(0, -2), '--dry-run');
    expect(planned.stdout).to.contain(`${id}: ${status.message}\n  its log: ${log}\n`);
    const third = await run('failed', ...diverging, '--retry-failed');
    expect(eventsOf(third.stderr).filter(({ event }) => event === 'failed')).to.have.lengthOf(2);
  });

  it('tries again what failed for want of space or rights', async () => {
    const [entry = ''] = phasesIn('whole', 'train');
    const blocked = join(out('blocked'), '.phases', `${entry}.lease`);
    mkdirSync(blocked, { recursive: true }); // a folder where the run has to write a file
    const first = await run('blocked', '--quiet');
    expect(first.status).to.equal(1);
    expect(first.stderr).to.match(/failed: EISDIR: .*\n {2}its log: .*log\.txt\n.*1 of 4 runs failed/);
    const states = readdirSync(join(out('blocked'), 'tiny', 'runs')).map(
      (id) => JSON.parse(readFileSync(join(out('blocked'), 'tiny', 'runs', id, 'status.json'), 'utf8')).state,
    );
    expect(states.sort()).to.deep.equal(['crashed', 'done', 'done', 'done']);
    rmSync(blocked, { recursive: true });
    expect((await run('blocked', '--quiet')).status).to.equal(0);
    expect(contents('blocked')).to.deep.equal(contents('whole'));
  });

  it('trains no victim again for the runs that are left', async () => {
    const attacks = ['1', '.inf'].map(
      (round) => `{ name: inverse-network, victims: 4, auxiliary: 20, epochs: 1, round: ${round} }`,
    );
    const sets = [
      '--seeds',
      '1',
      '--jobs',
      '1',
      '--noise',
      'secure',
      '--set',
      `grid.attacks=[${attacks.map((attack) => `[${attack}]`).join(', ')}]`,
    ];
    expect((await run('resumed', ...sets, '--max-runs', '1')).stderr).to.match(/1 run left to do/);
    const trained = phasesIn('resumed', 'train');
    expect((await run('resumed', ...sets)).status).to.equal(0);
    expect(phasesIn('resumed', 'train')).to.deep.equal(trained).and.have.lengthOf(1);
    const accuracies = readFileSync(join(out('resumed'), 'tiny', 'rounds.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1);
    expect(new Set(accuracies.map((row) => row.slice(row.indexOf(',')))).size).to.equal(1); // one model, whatever its noise
  });

  it('records messages of chosen rounds, of finished runs too, and tells their size before', async () => {
    const args = ['--seeds', '1', '--jobs', '1'];
    expect((await run('recorded', ...args)).status).to.equal(0);
    const without = contents('recorded');
    const plan = JSON.parse((await run('recorded', ...args, '--record-messages', '1', '--dry-run', '--json')).stdout);
    expect(plan.phases.messages).to.deep.equal({ needed: 1, stored: 0 });
    expect((await run('recorded', ...args, '--record-messages', '1')).status).to.equal(0);
    expect(contents('recorded')).to.deep.equal(without);
    const [entry = ''] = phasesIn('recorded', 'messages');
    const [{ round, messages }] = JSON.parse(
      readFileSync(join(out('recorded'), '.phases', entry, 'phase.json'), 'utf8'),
    ).value;
    expect(round).to.equal(1);
    expect(messages[0]).to.include({ kind: 'global-model', from: 'fed-server' });
    const [id = ''] = readdirSync(join(out('recorded'), 'tiny', 'runs'));
    const { phases } = JSON.parse(readFileSync(join(out('recorded'), 'tiny', 'runs', id, 'status.json'), 'utf8'));
    expect(phases).to.include(entry);
    const again = JSON.parse((await run('recorded', ...args, '--record-messages', '1', '--dry-run', '--json')).stdout);
    expect(again.runs[0].finished).to.equal(true);
    for (const [wrong, expected] of [
      [['--record-messages', '2'], /--record-messages must be at most 1 \(trainer\.rounds .*, but is 2/],
      [['--record-messages', '1', '--cache', 'none'], /--record-messages keeps messages in the cache/],
      [['--record-messages', '0'], /--record-messages must be rounds from 1 on, each once, as in 1,3, but is "0"/],
    ] as const) {
      const { status, stderr } = await run('recorded', ...args, ...wrong);
      expect(status).to.equal(2);
      expect(stderr).to.match(expected);
    }
  });

  it('writes pictures with each run, whatever happens to the process next', async () => {
    const args = ['run', file, '--out', out('pictured'), '--jobs', '1', '--progress', 'json'];
    const parent = spawn(process.execPath, [...commandArgs, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    parent.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
      if (stderr.includes('"event":"done"')) parent.kill('SIGKILL');
    });
    await new Promise((resolve) => parent.once('close', resolve));
    const [done] = eventsOf(stderr).filter(({ event }) => event === 'done');
    expect(readdirSync(join(out('pictured'), 'tiny', 'pictures'))).to.include(`${done?.run_id}-1-inverse-network.png`);
    rmSync(join(out('pictured'), 'tiny', 'pictures'), { recursive: true });
    expect((await run('pictured', '--quiet')).status).to.equal(0);
    expect(readdirSync(join(out('pictured'), 'tiny', 'pictures'))).to.have.length(4); // those of finished runs again
  });

  it('says how each of its runs was made', async () => {
    await run('going-on', '--max-runs', '1', '--jobs', '1', '--quiet');
    await run('going-on', '--jobs', '2', '--quiet');
    const { made, argv } = JSON.parse(readFileSync(join(out('going-on'), 'tiny', 'provenance.json'), 'utf8'));
    expect(made.map(({ jobs, runs }: { jobs: number; runs: string[] }) => [jobs, runs.length])).to.deep.equal([
      [1, 1],
      [2, 3],
    ]);
    expect(made[0].argv).to.include('--max-runs');
    expect(argv).to.deep.equal(made[1].argv);
  });

  it('stops where it is told to, and says what is left', async () => {
    const some = await run('limited', '--max-runs', '1', '--jobs', '1');
    expect(some.status).to.equal(0);
    expect(some.stderr).to.match(/3 runs left to do; the same command goes on from there/);
    const none = await run('limited', '--time-budget', '0.001s', '--jobs', '1');
    expect(none.stderr).to.match(/[23] runs left to do/); // one may begin within the millisecond
    const slow = await run('limited', '--timeout-per-run', '0.1s', '--max-failures', '1', '--jobs', '1');
    expect(slow.status).to.equal(1);
    expect(slow.stderr).to.match(/took longer than 0.1 s \(--timeout-per-run\)/);
    expect((await run('limited')).status).to.equal(0); // too slow is no failure for ever
    expect(contents('limited')).to.deep.equal(contents('whole'));
    const wrong = await run('limited', '--time-budget', '2 days');
    expect(wrong.status).to.equal(2);
    expect(wrong.stderr).to.match(/--time-budget must be a time such as 90s, 30m, 2h or 7d, but is "2 days"/);
  });

  it('gives every figure again, and says which differs', async () => {
    const [id = ''] = readdirSync(join(out('whole'), 'tiny', 'runs'));
    const place = join(out('whole'), 'tiny', 'runs', id);
    const same = await spawnCli(['repro', place]);
    expect(same.status).to.equal(0);
    expect(same.stdout).to.match(/^\d{3,} figures compared, all the same\.$/m);
    const none = await spawnCli(['repro', out('whole')]);
    expect(none.status).to.equal(2);
    expect(none.stderr).to.match(/there is no finished run in .* it has no result\.json/);
  });

  it('makes damaged phases again, with a warning', async () => {
    const [entry = ''] = phasesIn('whole', 'train');
    writeFileSync(join(out('whole'), '.phases', entry, 'arrays.safetensors'), 'no such file');
    rmSync(join(out('whole'), 'tiny', 'runs'), { recursive: true });
    const before = contents('whole');
    const { status, stderr } = await run('whole');
    expect(status).to.equal(0);
    expect(stderr).to.match(new RegExp(`warning: .*${entry} is damaged .*made again`));
    expect(contents('whole')).to.deep.equal(before);
  });
});
