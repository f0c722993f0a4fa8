import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { madeResults, threeDefenses } from '../report/testing/made-results.ts';
import { readResults } from './read.ts';
import { ResultsError } from './results-error.ts';

describe('readResults', () => {
  let folder = '';
  beforeEach(() => {
    folder = madeResults(threeDefenses);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  const refused = (pattern: RegExp) => expect(() => readResults(folder)).to.throw(ResultsError, pattern);

  it('gives back what was written, ∞ included', () => {
    const { planned, records, rounds, provenance } = readResults(folder);
    expect(planned.map(({ config }) => config.seed)).to.deep.equal([1, 2, 3, 1, 2, 3, 1, 2, 3]);
    expect(records).to.have.length(9 * 2);
    expect(records[6]).to.deep.include({ runId: planned[3]?.id, accuracy: 0.8, weightsUnit: undefined });
    expect(records[6]?.epsilons).to.include({ activation: 4, weights: Number.POSITIVE_INFINITY });
    expect(records[6]?.score).to.deep.equal({
      ...{ attack: 'inverse-network', options: '{"victims":4}', view: 'main-server' },
      ...{ metric: 'psnr', leakage: 15, control: 0.05, controlOk: true },
    });
    expect(rounds.filter(({ runId }) => runId === planned[3]?.id).map((point) => point.epsilonActivation)).to.eql([
      2, 4,
    ]);
    const { written, all, ...said } = provenance;
    expect(written.toISOString()).to.equal(all['written']);
    expect(said).to.deep.equal({
      ...{ argv: ['run', 'made up.yaml'], cutlayer: '9.9.9', git: { commit: 'abc123', isDirty: false } },
    });
  });

  it('refuses a folder that is missing or lacks files, and names them', () => {
    expect(() => readResults('/nowhere')).to.throw(ResultsError, /no folder "\/nowhere"/);
    const empty = mkdtempSync(join(tmpdir(), 'no-results-'));
    expect(() => readResults(empty)).to.throw(/lacks config.json, runs.csv, rounds.csv, provenance.json/);
    rmSync(empty, { recursive: true });
  });

  it('names file, line and column of a cell that is no number', () => {
    edit('runs.csv', (text) => text.replace(',15,', ',fifteen,'));
    refused(/runs\.csv, line 8: leakage must be a number, but is "fifteen"/);
  });

  it('does not take an empty cell for a zero', () => {
    edit('runs.csv', (text) => text.replace(',15,', ',,'));
    refused(/leakage must be a number, but is ""/);
  });

  it('refuses tables with a column less, cut off, or of a metric that it cannot order', () => {
    edit('runs.csv', (text) => text.replace('epsilon_joint', 'epsilon_other'));
    refused(/runs\.csv has no column epsilon_joint/);
    edit('runs.csv', (text) => text.replace('epsilon_other', 'epsilon_joint').replace(',psnr,', ',sharpness,'));
    refused(/line 2: metric must be one of psnr, .*, but is "sharpness"/);
    appendFileSync(join(folder, 'rounds.csv'), 'abc,1\n');
    edit('runs.csv', (text) => text.replace(',sharpness,', ',psnr,'));
    refused(/rounds\.csv cannot be read/);
  });

  it('refuses tables and configurations that are not of one experiment', () => {
    edit('config.json', (text) => text.replace(/"run_id": "[0-9a-f]+"/, '"run_id": "000000000000"'));
    refused(/holds the run [0-9a-f]{12}, which config.json beside it does not list/);
    writeFileSync(join(folder, 'config.json'), '{"runs": [{"seed": 1}]}');
    refused(/config\.json must list the runs/);
    writeFileSync(join(folder, 'config.json'), '{"runs": [');
    refused(/config\.json cannot be read/);
  });
});
