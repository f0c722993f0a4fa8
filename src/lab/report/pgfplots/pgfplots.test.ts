import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readResults } from '../../results/read.ts';
import { originOf } from '../origin.ts';
import { studyOf } from '../study.ts';
import { madeResults, threeDefenses } from '../testing/made-results.ts';
import { tradeOffsOf } from '../trade-off.ts';
import { epsilonData, frontData, roundsData, tradeOffData } from './data.ts';
import { tradeOffName, tradeOffTex } from './trade-off-tex.ts';

const results = madeResults([
  ...threeDefenses,
  { defenses: [{ name: 'dp-sgd', note: 'a_b 100 %' }], accuracy: [0.5], leakage: { psnr: [23], mse: [0.01] } },
]);
const study = studyOf(readResults(results));
rmSync(results, { recursive: true });
const origin = originOf(study.provenance, ['report', 'made']);
const rows = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('%'));

describe('data for pgfplots', () => {
  it('has the points of the figures, accuracy in percent, and nan where there is no interval', () => {
    const [psnr] = tradeOffsOf(study);
    const text = psnr ? tradeOffData(psnr, origin) : '';
    expect(text).to.match(/^% Results: cutlayer run 'made up.yaml'\n% Commit: {2}abc123/);
    const [head, first, , , last] = rows(text);
    expect(head).to.equal('leakage leakage_half accuracy accuracy_half dominated label');
    expect(first).to.match(/^21\.16\d* 3\.12\d* 91 2\.48\d* 0 \{none\}$/);
    expect(last).to.equal('23 nan 50 nan 1 {dp-sgd}');
    expect(psnr && rows(frontData(psnr, origin)).map((row) => row.split(' ')[1]?.slice(0, 2))).to.deep.equal([
      'ac',
      '71',
      '81',
      '91',
    ]);
  });

  it('has a row for each round, and columns named in comments', () => {
    const text = roundsData(study, origin);
    expect(text).to.contain('% c2: pixeldp epsilon 2\n');
    expect(rows(text)[0]).to.equal('round c1 c1_half c2 c2_half c3 c3_half c4 c4_half');
    expect(rows(text)[2])
      .to.match(/^2 91 2\.48\d* 81 /)
      .and.match(/ 50 nan$/);
    expect(rows(epsilonData(study, origin))).to.deep.equal(['round c2_activation c3_activation', '1 2 1', '2 4 2']);
  });

  it('is what tradeoff.tex plots', async function () {
    const found = spawnSync('kpsewhich', ['pgfplots.sty'], { encoding: 'utf8' });
    if (found.status !== 0) this.skip(); // no pdflatex with pgfplots: Debian's texlive-pictures has it
    const folder = mkdtempSync(join(tmpdir(), 'pgfplots-'));
    const tradeOffs = tradeOffsOf(study);
    mkdirSync(join(folder, 'data'));
    for (const tradeOff of tradeOffs) {
      writeFileSync(join(folder, 'data', `tradeoff-${tradeOffName(tradeOff)}.dat`), tradeOffData(tradeOff, origin));
      writeFileSync(join(folder, 'data', `front-${tradeOffName(tradeOff)}.dat`), frontData(tradeOff, origin));
    }
    writeFileSync(join(folder, 'tradeoff.tex'), tradeOffTex(tradeOffs, origin));
    const args = ['-interaction=nonstopmode', '-halt-on-error', 'tradeoff.tex'];
    const { status, stdout } = spawnSync('pdflatex', args, { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(status, stdout).to.equal(0);
  });
});
