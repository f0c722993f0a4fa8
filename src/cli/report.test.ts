import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pageScript } from '../lab/report/page/script.ts';
import { madeResults, noise, threeDefenses } from '../lab/report/testing/made-results.ts';
import { commandArgs, runCli, spawnCli } from './testing/run-cli.ts';

/** Every file below a folder, with its bytes. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

describe('cutlayer report', () => {
  let dir = '';
  let hasPage = false;
  before(async () => {
    const { text, reason } = await pageScript();
    hasPage = text !== undefined;
    if (reason) console.log(`      without its page: ${reason}`);
  });
  beforeEach(() => {
    dir = madeResults(threeDefenses);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('writes tables, figures, data and comparisons to DIR/report, the same bytes each time', async () => {
    const { status, stdout, stderr } = await runCli('report', dir);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout)
      .to.match(/^3 configurations, 9 of 9 runs, 1 attack\.$/m)
      .and.contain(`Written to ${join(dir, 'report')}:`);
    const first = contentsOf(join(dir, 'report'));
    expect(Object.keys(first).sort()).to.deep.equal([
      'columns.md',
      'comparisons.csv',
      ...['epsilon', 'front-inverse-network-mse', 'front-inverse-network-psnr', 'rounds'].map(
        (name) => `data/${name}.dat`,
      ),
      ...['mse', 'psnr'].map((metric) => `data/tradeoff-inverse-network-${metric}.dat`),
      ...['epsilon', 'rounds', 'tradeoff-inverse-network-mse', 'tradeoff-inverse-network-psnr'].flatMap((name) => [
        `figures/${name}.pdf`,
        `figures/${name}.svg`,
      ]),
      'pareto.csv',
      ...(hasPage ? ['report.html'] : []),
      'table.tex',
      'tradeoff.tex',
    ]);
    await runCli('report', dir);
    expect(contentsOf(join(dir, 'report'))).to.deep.equal(first);
  });

  it('keeps to one metric, writes where it is told, and answers as one document', async () => {
    const out = join(dir, 'elsewhere', 'paper');
    const { stdout } = await runCli('report', dir, '--out', out, '--metric', 'mse', '--json');
    const answer = JSON.parse(stdout) as {
      dir: string;
      files: string[];
      pareto: { metric: string; front: string[] }[];
    };
    expect(answer.dir).to.equal(out);
    expect(Object.keys(contentsOf(out)).sort()).to.deep.equal([...answer.files].sort());
    expect(answer.pareto).to.have.length(1);
    expect(answer.pareto[0]).to.deep.include({
      metric: 'mse',
      front: ['none', 'pixeldp epsilon 2', 'pixeldp epsilon 1'],
    });
    expect(contentsOf(out)['table.tex']).to.contain('MSE').and.contain('--metric mse').and.not.contain('PSNR');
    expect(existsSync(join(dir, 'report'))).to.equal(false);
  });

  it('says which runs are missing, and reports the others', async () => {
    const own = madeResults([...threeDefenses, { defenses: [noise(0.5)], accuracy: [0.5, undefined] }]);
    const { status, stdout, stderr } = await runCli('report', own, '--json');
    const { missing } = JSON.parse(stdout) as { missing: { runId: string; seed: number; configuration: string }[] };
    expect(status).to.equal(0);
    expect(missing.map(({ seed, configuration }) => [seed, configuration])).to.deep.equal([[2, 'pixeldp epsilon 0.5']]);
    expect(stderr).to.match(/warning: 1 of 11 runs is missing: [0-9a-f]{12} \(pixeldp epsilon 0\.5, seed 2\)/);
    rmSync(own, { recursive: true });
  });

  it('names what it did not write', async () => {
    const own = madeResults([{ defenses: [], accuracy: [0.9], leakage: { psnr: [0.04] } }]);
    const { stdout } = await runCli('report', own);
    expect(stdout).to.match(/Not written: no tradeoff-inverse-network-psnr: the control failed/);
    expect(stdout).to.match(/Not written: no epsilon\.svg/);
    rmSync(own, { recursive: true });
  });

  const refuses = async (pattern: RegExp, ...args: string[]) => {
    const { status, stdout, stderr } = await runCli('report', ...args);
    expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
    expect(stderr).to.match(pattern);
  };

  it('refuses what is no folder of results, and writes nothing', async () => {
    await refuses(/no folder "\/nowhere"/, '/nowhere');
    const empty = mkdtempSync(join(tmpdir(), 'empty-'));
    await refuses(/no folder of results: it lacks config\.json/, empty);
    expect(readdirSync(empty)).to.deep.equal([]);
    rmSync(empty, { recursive: true });
    writeFileSync(join(dir, 'taken'), '');
    await refuses(/goes to a folder, but ".*taken" is a file/, dir, '--out', join(dir, 'taken'));
  });

  it('refuses a metric that the results do not have', async () => {
    await refuses(/--metric must be one of psnr, mse, but is "pnsr"\. Did you mean "psnr"\?/, dir, '--metric', 'pnsr');
    await refuses(/--metric must be one of psnr, mse, but is "ssim"/, dir, '--metric', 'ssim');
    expect(existsSync(join(dir, 'report'))).to.equal(false);
  });

  it('refuses a sweep of which nothing is finished', async () => {
    const own = madeResults([{ defenses: [], accuracy: [undefined, undefined] }]);
    await refuses(/no finished run to report, of 2/, own);
    rmSync(own, { recursive: true });
  });

  it('fails where it cannot write', async () => {
    mkdirSync(join(dir, 'report', 'table.tex'), { recursive: true });
    expect(await runCli('report', dir)).to.include({ status: 1, stdout: '' });
  });

  it('follows results that are being made, on loopback, until Ctrl-C', async function () {
    if (!hasPage) return this.skip();
    const child = spawn(process.execPath, [...commandArgs, 'report', dir, '--watch', '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [answer] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(answer.toString()) as { url: string };
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await (await fetch(url)).text()).to.contain('9 of 9 runs');
    const more = madeResults([...threeDefenses, { defenses: [noise(0.5)], accuracy: [0.5] }]);
    for (const file of ['config.json', 'runs.csv', 'rounds.csv']) copyFileSync(join(more, file), join(dir, file));
    expect(await (await fetch(url)).text()).to.contain('10 of 10 runs');
    expect(existsSync(join(dir, 'report'))).to.equal(false);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).to.deep.equal([130, null]);
    rmSync(more, { recursive: true });
  });

  it('refuses what does not go with --watch, or only with it', async () => {
    await refuses(/--watch writes no files: leave out --out/, dir, '--watch', '--out', join(dir, 'x'));
    await refuses(/--port needs --watch/, dir, '--port', '8000');
    await refuses(/--port must be at most 65535, but is 70000/, dir, '--watch', '--port', '70000');
    await refuses(/no folder "\/nowhere"/, '/nowhere', '--watch');
  });

  it('does not load vega for --help', async () => {
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(tellsOfVega)}` };
    expect((await spawnCli(['report', '--help'], { env })).stderr).not.to.contain('loaded vega');
    expect((await spawnCli(['report', dir], { env })).stderr).to.contain('loaded vega'); // the witness works
  });
});

/** Registers a resolver that says so when anything asks for vega. */
const tellsOfVega = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(specifier, context, next) {
  if (specifier === 'vega') process.stderr.write('loaded vega\\\\n');
  return next(specifier, context);
}\`));`;
