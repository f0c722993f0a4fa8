/** `cutlayer run` as a user calls it: what it writes, what it keeps, how it ends. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { commandArgs, runCli, spawnCli } from './testing/run-cli.ts';

const experiment = `
name: tiny
data: { name: mnist, train: 60, test: 30 }
model: { name: strided, cut: 2 }
trainer: { name: splitfed-v1, clients: 2, rounds: 2, batchSize: 15, optimizer: { name: adam, learningRate: 0.004 } }
attacks: [ { name: inverse-network, victims: 6, auxiliary: 20, epochs: 1 } ]
seeds: [ 1, 2 ]
grid:
  defenses: [ [], [ { name: pixeldp, epsilon: 2 } ] ]
`;

const header =
  'run_id,name,seed,dataset,model,cut,trainer,clients,rounds,defense,defense_options,attack,attack_options,view,test_accuracy,' +
  'metric,leakage,control,control_ok,epsilon_activation,epsilon_weights,epsilon_label,delta,noise_source,bytes_up,bytes_down,engine';

describe('cutlayer run', function () {
  this.timeout(120_000);
  let folder = '';
  let file = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-run-'));
    file = join(folder, 'tiny.yaml');
    writeFileSync(file, experiment);
  });
  after(() => rmSync(folder, { recursive: true }));

  const out = (name: string) => join(folder, name);
  const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');
  const lines = (...path: string[]) =>
    read(...path)
      .trimEnd()
      .split('\n');

  it('writes every table, picture and how it was made, and prints one JSON document', async () => {
    const { status, stdout, stderr } = await spawnCli(['run', file, '--out', out('a'), '--jobs', '2', '--json']);
    expect(stderr)
      .to.match(/tiny: 4 runs, 2 at a time/)
      .and.match(/run 4 of 4 done|4 of 4/);
    expect(status).to.equal(0);
    const answer = JSON.parse(stdout) as { dir: string; runs: Record<string, unknown>[] };
    expect(answer.dir).to.equal(join(out('a'), 'tiny'));
    expect(answer.runs).to.have.length(4 * 4); // runs · metrics (psnr, ssim, mse, distance_correlation)
    expect(answer.runs[0]).to.include({ seed: 1, defense: 'none', epsilon_activation: 'Infinity', engine: 'onnx' });

    expect(lines('a', 'tiny', 'runs.csv')[0]?.startsWith(header)).to.equal(true);
    expect(lines('a', 'tiny', 'runs.csv')).to.have.length(1 + 16);
    expect(lines('a', 'tiny', 'rounds.csv')).to.have.length(1 + 4 * 2);
    expect(lines('a', 'tiny', 'summary.csv')).to.have.length(1 + 2 * 4); // two seeds, one row
    expect(lines('a', 'tiny', 'timings.csv')).to.have.length(1 + 4 * 4);
    expect(readdirSync(join(out('a'), 'tiny', 'pictures'))).to.have.length(4);
    const { seeds, engine, data } = JSON.parse(read('a', 'tiny', 'provenance.json'));
    expect(seeds).to.deep.equal([1, 2]);
    expect(engine).to.deep.include({ name: 'onnx', threads: 1 });
    expect(data).to.have.length(4);
    expect(JSON.parse(read('a', 'tiny', 'config.json')).runs).to.have.length(4);

    const page = readFileSync(new URL('../../docs/results.md', import.meta.url), 'utf8');
    const [run = ''] = readdirSync(join(out('a'), 'tiny', 'runs'));
    const names = ['.', join('runs', run)].flatMap((path) =>
      readdirSync(join(out('a'), 'tiny', path), { withFileTypes: true }).map((entry) =>
        entry.isDirectory() ? `${entry.name}/` : entry.name,
      ),
    );
    for (const name of names) expect(page).to.include(`| \`${name}\``);
  });

  it('gives the same bytes one run at a time', async () => {
    const { status, stdout } = await spawnCli(['run', file, '--out', out('b'), '--jobs', '1', '--quiet']);
    expect(status).to.equal(0);
    expect(stdout.match(/distance.correlation/g), 'once, and not under the attack').to.have.length(1);
    expect(stdout).to.match(/Leakage against inverse-network.*\n +accuracy +psnr dB +ssim +mse\n/);
    expect(stdout).to.match(/Dependence of smashed data and input \(view main-server\).*\nnone +-?\d\.\d\d\npixeldp/);
    expect(stdout).to.match(/Written to .*provenance\.json, pictures\/, runs\/\.$/m);
    const pictures = readdirSync(join(out('b'), 'tiny', 'pictures')).map((name) => join('pictures', name));
    for (const name of ['runs.csv', 'rounds.csv', 'summary.csv', 'config.json', ...pictures]) {
      expect(
        readFileSync(join(out('b'), 'tiny', name)).equals(readFileSync(join(out('a'), 'tiny', name))),
        name,
      ).to.equal(true);
    }
  });

  it('does only what is missing when it is started again, and says so', async () => {
    rmSync(join(out('b'), 'tiny', 'runs', readdirSync(join(out('b'), 'tiny', 'runs'))[0] as string), {
      recursive: true,
    });
    const { stderr } = await spawnCli(['run', file, '--out', out('b')]);
    expect(stderr).to.match(/3 of them finished before/);
    expect(stderr.match(/ done \(/g)).to.have.length(1);
    expect(read('b', 'tiny', 'runs.csv')).to.equal(read('a', 'tiny', 'runs.csv'));
    const more = await spawnCli(['run', file, '--out', out('b'), '--dry-run', '--seeds', '1,2,3']);
    expect(more.stdout.match(/ finished /g)).to.have.length(4);
    expect(more.stdout.match(/ to run /g)).to.have.length(2);
  });

  it('runs again what is damaged, with one warning that names the file', async () => {
    const runs = join(out('b'), 'tiny', 'runs');
    const [first = '', second = ''] = readdirSync(runs).map((name) => join(runs, name, 'result.json'));
    writeFileSync(first, readFileSync(first, 'utf8').slice(0, 500));
    writeFileSync(second, '{}');
    const { status, stderr } = await spawnCli(['run', file, '--out', out('b')]);
    expect(status).to.equal(0);
    const warnings = stderr.split('\n').filter((line) => line.startsWith('cutlayer: warning: '));
    expect(warnings).to.have.length(2);
    expect(warnings.join('\n')).to.contain(first).and.contain(second);
    expect(stderr.match(/ done \(/g)).to.have.length(2);
    expect(read('b', 'tiny', 'runs.csv')).to.equal(read('a', 'tiny', 'runs.csv'));
  });

  it('does not take what another engine or other noise made', async () => {
    const { stdout } = await spawnCli(['run', file, '--out', out('b'), '--dry-run', '--engine', 'cpu']);
    expect(stdout).not.to.match(/ finished /);
    expect((await spawnCli(['run', file, '--out', out('b'), '--dry-run', '--noise', 'secure'])).stdout).not.to.match(
      / finished /,
    );
  });

  it('keeps what is finished where a run fails, and ends with 1', async () => {
    const args = ['run', file, '--out', out('c'), '--seeds', '1', '--set', 'grid.defenses=[[]]'];
    const diverging = [
      '--set',
      'grid.trainer.optimizer=[{name: sgd, learningRate: 1e30}, {name: sgd, learningRate: 0.01}]',
    ];
    const { status, stderr } = await spawnCli([...args, ...diverging]);
    expect(status).to.equal(1);
    expect(stderr)
      .to.match(/failed: training diverged: the loss is NaN in round/)
      .and.match(/1 of 2 runs failed/);
    expect(stderr).not.to.match(/\n\s+at /);
    expect(lines('c', 'tiny', 'rounds.csv')).to.have.length(1 + 2);
  });

  it('keeps what is finished at Ctrl-C, and ends with 130', async () => {
    const child = spawn(process.execPath, [...commandArgs, 'run', file, '--out', out('d'), '--jobs', '1'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    const status = await new Promise((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (!/ done \(/.test(stderr) && / done \(/.test(stderr + text)) child.kill('SIGINT');
        stderr += text;
      });
      child.on('close', (code) => resolve(code));
    });
    expect(status).to.equal(130);
    expect(stderr).to.match(/interrupted; finished runs are kept/);
    expect(lines('d', 'tiny', 'runs.csv').length).to.be.within(1 + 4, 1 + 12);
    expect(readdirSync(join(out('d'), 'tiny')).filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
    expect(lines('d', 'tiny', 'runs.csv')[1]).to.equal(lines('a', 'tiny', 'runs.csv')[1]);
  });

  it('prints what is done as JSON at Ctrl-C, and says of the others that they were interrupted', async () => {
    const args = ['run', file, '--out', out('j'), '--jobs', '1', '--json', '--seeds', '1,2,3'];
    const child = spawn(process.execPath, [...commandArgs, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => {
      stdout += text;
    });
    const status = await new Promise((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (!/ done \(/.test(stderr) && / done \(/.test(stderr + text)) setTimeout(() => child.kill('SIGTERM'), 150);
        stderr += text;
      });
      child.on('close', (code) => resolve(code));
    });
    expect(status).to.equal(130);
    const { dir, runs } = JSON.parse(stdout);
    expect(dir).to.equal(join(out('j'), 'tiny'));
    expect(runs.length)
      .to.equal(lines('j', 'tiny', 'runs.csv').length - 1)
      .and.be.within(4, 20);
    const states = readdirSync(join(dir, 'runs')).map(
      (id) => JSON.parse(read('j', 'tiny', 'runs', id, 'status.json')).state,
    );
    expect(states).to.include('interrupted').and.include('done').and.not.include('running');
  });

  it('draws privacy noise from the operating system where asked to, and says so', async () => {
    const args = [
      'run',
      file,
      '--seeds',
      '1',
      '--noise',
      'secure',
      '--set',
      'grid.defenses=[[{name: pixeldp}]]',
      'attacks=[]',
    ];
    await spawnCli([...args, '--out', out('e')]);
    await spawnCli([...args, '--out', out('f')]);
    expect(read('e', 'tiny', 'runs.csv')).to.match(/,secure,/);
    expect(read('e', 'tiny', 'rounds.csv')).not.to.equal(read('f', 'tiny', 'rounds.csv'));
  });

  it('audits the run’s own mechanisms where asked to', async () => {
    const sets = ['attacks=[]', 'audit.trials=500', 'grid.defenses=[[],[{name: pixeldp},{name: dp-sgd}]]'];
    const { status, stdout } = await spawnCli([
      'run',
      file,
      '--seeds',
      '1',
      '--out',
      out('i'),
      '--json',
      '--set',
      ...sets,
    ]);
    expect(status).to.equal(0);
    const [open, defended] = JSON.parse(stdout).runs;
    expect(open).to.include({ epsilon_audited: null, claim_ok: null });
    expect(defended).to.include({ claim_ok: true, audit_confidence: 0.95 });
    expect(defended.epsilon_audited).to.be.within(0, defended.epsilon_audit_claim);
  });

  it('writes nothing where the request is wrong', async () => {
    const { status, stderr } = await runCli('run', file, '--out', out('g'), '--set', 'model.cut=40');
    expect(status).to.equal(2);
    expect(stderr).to.match(/cut must be between 1 and 7/);
    expect(existsSync(out('g'))).to.equal(false);
    for (const [option, path] of [
      ['--out', ''],
      ['--out', join(file, 'below')],
      ['--cache', ''],
      ['--cache', file],
    ] as const) {
      const place = option === '--out' ? [] : ['--out', out('g')];
      const refused = await runCli('run', file, ...place, option, path);
      expect(refused.status, `${option} "${path}"`).to.equal(2);
      expect(refused.stderr).to.match(new RegExp(`${option} must be a folder, but`));
      expect(existsSync(out('g'))).to.equal(false);
    }
  });

  it('takes the file after the values of --set as well', async () => {
    const { status, stdout } = await runCli(
      'run',
      '--set',
      'model.cut=3',
      'data.train=50',
      file,
      '--dry-run',
      '--json',
    );
    expect(status).to.equal(0);
    const [{ config }] = JSON.parse(stdout).runs;
    expect([config.model.cut, config.data.train]).to.deep.equal([3, 50]);
  });

  it('can run every shipped experiment', async () => {
    for (const name of readdirSync('experiments')) {
      const { status, stdout, stderr } = await runCli('run', join('experiments', name), '--dry-run', '--out', out('h'));
      expect(stderr).to.equal('');
      expect(status, name).to.equal(0);
      expect(stdout).to.contain(parse(readFileSync(join('experiments', name), 'utf8')).name);
    }
  });
});
