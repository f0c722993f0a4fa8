import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { readResults } from '../../results/read.ts';
import { originOf } from '../origin.ts';
import { studyOf } from '../study.ts';
import { type MadeConfiguration, madeResults, noise, threeDefenses } from '../testing/made-results.ts';
import { tradeOffsOf } from '../trade-off.ts';
import { pageHtml } from './page.ts';
import type { PageData } from './page-data.ts';

const script = 'void "the script";';

interface Made {
  readonly page: string;
  readonly data: PageData;
  /** Rows of runs.csv. */
  readonly runs: readonly Readonly<Record<string, string>>[];
}

async function made(configurations: readonly MadeConfiguration[]): Promise<Made> {
  const folder = madeResults(configurations);
  const study = studyOf(readResults(folder));
  const origin = originOf(study.provenance, ['report', 'made']);
  const page = pageHtml({ study, tradeOffs: tradeOffsOf(study), origin, script });
  const runs = parse(readFileSync(join(folder, 'runs.csv')), { columns: true }) as Made['runs'];
  rmSync(folder, { recursive: true });
  const [, json = ''] = /<script type="application\/json" id="page-data">(.*?)<\/script>/s.exec(page) ?? [];
  return { page, data: JSON.parse(json) as PageData, runs };
}

describe('pageHtml', () => {
  it('has a row for each row of runs.csv, with its figures in full', async () => {
    const { page, runs } = await made(threeDefenses);
    const [, body = ''] = /<table id="runs".*?<tbody>(.*?)<\/tbody>/s.exec(page) ?? [];
    const values = body
      .split('</tr>')
      .slice(0, -1)
      .map((row) => [...row.matchAll(/data-value="([^"]*)"/g)].map(([, value]) => value));
    const columns = [
      'seed',
      'test_accuracy',
      'leakage',
      'control',
      'epsilon_activation',
      'epsilon_weights',
      'epsilon_weights_conditional',
      'epsilon_label',
      'epsilon_joint',
    ];
    expect(values).to.deep.equal(runs.map((run) => columns.map((column) => run[column])));
  });

  it('draws the means over the seeds of runs.csv, and intervals', async () => {
    const { data, runs } = await made(threeDefenses);
    const psnr = runs.filter(({ metric }) => metric === 'psnr').map((run) => Number(run['leakage']));
    const [chart] = data.tradeOffs;
    const means = [0, 3, 6].map((first) => psnr.slice(first, first + 3).reduce((sum, value) => sum + value / 3, 0));
    expect(chart?.points.map(({ x }) => x.toFixed(9))).to.deep.equal(means.map((mean) => mean.toFixed(9)));
    expect(chart?.points.every(({ xHalf = 0, yHalf = 0 }) => xHalf > 0 && yHalf > 0)).to.equal(true);
    const accuracy = data.lines.find(({ id }) => id === 'training-accuracy');
    expect(accuracy?.series[0]?.points.map(({ mean }) => mean.toFixed(6))).to.deep.equal(['45.500000', '91.000000']);
    expect(data.lines.find(({ id }) => id === 'epsilon-activation')?.series).to.have.length(2); // none has no ε
  });

  it('adds up confusions over seeds, and says so where there are none', async () => {
    const confusion = [
      [5, 1],
      [0, 4],
    ];
    const { data, page } = await made([{ defenses: [], accuracy: [0.9, 0.9], confusion }]);
    expect(data.confusions.map(({ counts }) => counts)).to.deep.equal([
      [
        [10, 2],
        [0, 8],
      ],
    ]);
    expect(page).to.contain('Of 20 test examples, 90 % were classified rightly.');
    expect((await made(threeDefenses)).page).to.contain('Not recorded: confusion.csv');
  });

  it('draws the median of what attacks minimized; a search that has ended counts with what it reached', async () => {
    const path = (...objectives: number[]) => objectives.map((objective, index) => ({ step: index + 1, objective }));
    const paths = [path(8, 4), path(6, 3, 1), path(100, 50, 40)];
    const { data } = await made([{ defenses: [], accuracy: [0.9], leakage: { psnr: [20] }, paths }]);
    const chart = data.lines.find(({ id }) => id === 'progress-inverse-network');
    expect(chart?.series[0]?.points.map(({ round, mean }) => [round, mean])).to.deep.equal([
      [1, 8],
      [2, 4],
      [3, 4],
    ]);
  });

  it('says which runs are missing, where the control failed, and what is not drawn', async () => {
    const poor = { defenses: [], accuracy: [0.9], leakage: { psnr: [0.04] } };
    const { page } = await made([poor, { defenses: [noise(1)], accuracy: [undefined] }]);
    expect(page).to.match(/class="warning">Missing, and not in any mean: pixeldp, seed 1 \([0-9a-f]{12}\)\./);
    expect(page).to.contain('Control failed: inverse-network, psnr.').and.contain('run is missing');
    expect(page).to.contain('there is no trade-off to draw');
    expect(page.match(/<td>control failed<\/td>/g)).to.have.length(1);
  });

  it('says where no undefended run is beside an attack, and names the first of many missing runs', async () => {
    const many = Array.from({ length: 12 }, () => undefined);
    const { page } = await made([
      { defenses: [noise(1)], accuracy: [0.9], leakage: { psnr: [20] } },
      { defenses: [noise(2)], accuracy: many },
    ]);
    expect(page).to.contain('No control: inverse-network, psnr, in 1 run.');
    expect(page).to.match(/class="warning">Missing.*seed 10 \([0-9a-f]{12}\); and 2 more\.</);
  });

  it('takes no text of a configuration for markup', async () => {
    const hostile = `</script><script>alert('1')</script><img src=x onerror=alert(2)>`;
    const { page, data } = await made([
      { defenses: [], accuracy: [0.9], leakage: { psnr: [20] } },
      { defenses: [{ name: hostile, [hostile]: hostile }], accuracy: [0.9], leakage: { psnr: [20] } },
    ]);
    expect(data.looks[1]?.label).to.contain(hostile);
    expect(page).not.to.contain('<img').and.not.to.contain('<script>alert');
    expect(page.match(/<script/g)).to.have.length(2);
    expect(page.match(/<\/script/g)).to.have.length(2);
  });

  it('lets only its own script run, and loads nothing', async () => {
    const { page } = await made(threeDefenses);
    const hash = createHash('sha256').update(script).digest('base64');
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy).to.contain('default-src &#39;none&#39;').and.contain(`script-src &#39;sha256-${hash}&#39;`);
    expect(policy).not.to.contain('connect-src').and.not.to.contain('http');
    expect(page).not.to.match(/(?:src|href)="(?!#|data:)/);
  });

  it('says how it was made: commands and commit', async () => {
    const { page } = await made(threeDefenses);
    expect(page)
      .to.contain('Results: cutlayer run &#39;made up.yaml&#39;')
      .and.contain('Report:  cutlayer report made');
    expect(page).to.contain('<dt>git.commit</dt><dd>abc123</dd>');
  });
});
