import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readResults } from '../../results/read.ts';
import { originOf } from '../origin.ts';
import { studyOf } from '../study.ts';
import { type MadeConfiguration, madeResults, noise, threeDefenses } from '../testing/made-results.ts';
import { comment, latex } from './escape.ts';
import { epsilonText, estimateCell, fixed } from './number.ts';
import { tablesTex } from './tables.ts';

async function texOf(configurations: readonly MadeConfiguration[]): Promise<string> {
  const folder = madeResults(configurations);
  const study = studyOf(readResults(folder));
  rmSync(folder, { recursive: true });
  return tablesTex(study, originOf(study.provenance, ['report', 'made results']));
}

const rowsOf = (tex: string) => tex.split('\n').filter((line) => line.endsWith('\\\\'));
const [undefended, weak, strong] = threeDefenses as [MadeConfiguration, MadeConfiguration, MadeConfiguration];
const nasty = { name: 'pixeldp', epsilon: 1, note: '100 % of a_b & {c} #1 $x$ ~^\\ "q" <ε> 中' };

describe('tablesTex', () => {
  it('shows mean and half of the interval, and makes the best and what is tied by test bold', async () => {
    const rows = rowsOf(await texOf(threeDefenses));
    // Accuracies 0.9, 0.91, 0.92: 4.3026527 · 0.01 ÷ √3 = 0.0248.
    expect(rows[2]).to.equal(
      '    none & $\\mathbf{91.0}_{\\pm 2.5}$ & $21.17_{\\pm 3.13}$ & $0.0113_{\\pm 0.0038}$ & $\\infty$ & 3 \\\\',
    );
    expect(rows[3]).to.match(
      /pixeldp epsilon 2 & \$81\.0_.* & \$\\mathbf\{16\.17\}_.* & \$\\mathbf\{0\.0314\}_.* & \$4\$ & 3 /,
    );
    expect(rows[4]).to.match(
      /pixeldp epsilon 1 & \$71\.0_.* & \$\\mathbf\{16\.13\}_.* & \$\\mathbf\{0\.0314\}_.* & \$2\$ & 3 /,
    );
    expect(rows[5]).to.equal('    guessing (control) &  & $0.05$ & $0.0500$ &  &  \\\\');
  });

  it('claims no interval of one seed, and says which seeds are missing', async () => {
    const one = await texOf([
      { ...undefended, accuracy: [0.9] },
      { ...weak, accuracy: [0.8] },
    ]);
    expect(one).to.contain('One seed: no interval and no test');
    expect(rowsOf(one)[2]).to.equal('    none & $\\mathbf{90.0}$ & $20.00$ & $0.0100$ & $\\infty$ & 1 \\\\');
    const missing = rowsOf(
      await texOf([undefended, { ...weak, accuracy: [0.8, undefined, 0.82] }, { ...strong, accuracy: [undefined] }]),
    );
    expect(missing[3]).to.match(/ & 2\/3 /);
    expect(missing[4]).to.match(/pixeldp epsilon 1 & -- & -- & -- & -- & 0\/1 /);
  });

  it('says where no undefended run shows whether the attack works', async () => {
    expect(await texOf([weak, strong])).to.contain('No undefended run: nothing shows whether the attack works there.');
    expect(await texOf([undefended, weak])).not.to.contain('No undefended run');
  });

  it('says "failed" in place of a figure that means nothing', async () => {
    const rows = rowsOf(
      await texOf([
        { ...undefended, leakage: { psnr: [20, 0.04, 22] } },
        { ...weak, leakage: { psnr: [1, 2, 3] } },
      ]),
    );
    expect(rows[3]).to.match(/pixeldp & .* & failed & \$4\$/);
  });

  it('has one table for each family of metrics, and one of accuracy without attacks', async () => {
    const both = await texOf([{ ...undefended, leakage: { psnr: [20, 21, 22], label_accuracy: [1, 1, 1] } }]);
    expect(both.match(/\\label\{.*\}/g)).to.deep.equal([
      '\\label{tab:inverse-network-images}',
      '\\label{tab:inverse-network-labels}',
    ]);
    const none = await texOf([{ ...undefended, attacks: [], leakage: {} }]);
    expect(none).to.contain('\\label{tab:accuracy}').and.not.contain('guessing');
  });

  it('says where it comes from', async () => {
    expect((await texOf(threeDefenses)).split('\n').slice(0, 3)).to.deep.equal([
      "% Results: cutlayer run 'made up.yaml'",
      '% Commit:  abc123 (cutlayer 9.9.9)',
      "% Report:  cutlayer report 'made results'",
    ]);
  });

  it('compiles with booktabs alone, whatever names hold', async function () {
    if (spawnSync('pdflatex', ['--version']).status !== 0) this.skip(); // no pdflatex: Debian's texlive-latex-base has it
    const folder = mkdtempSync(join(tmpdir(), 'tex-'));
    const tex = await texOf([
      undefended,
      weak,
      { ...strong, defenses: [nasty] },
      { defenses: [noise(7)], accuracy: [undefined] },
    ]);
    writeFileSync(join(folder, 'table.tex'), tex);
    const document = '\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\input{table.tex}\\end{document}';
    writeFileSync(join(folder, 'paper.tex'), document);
    const args = ['-interaction=nonstopmode', '-halt-on-error', 'paper.tex'];
    const { status, stdout } = spawnSync('pdflatex', args, { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(status, stdout).to.equal(0);
  });
});

describe('latex', () => {
  it('escapes what LaTeX would act on, and names what it cannot set', () => {
    expect(latex('a_b & 50 % #1 {x} $y$ ~^\\')).to.equal(
      'a\\_b \\& 50 \\% \\#1 \\{x\\} \\$y\\$ \\textasciitilde{}\\textasciicircum{}\\textbackslash{}',
    );
    expect(latex('ε ≥ 1, é, 中')).to.equal('$\\varepsilon$ $\\geq$ 1, é, [U+4E2D]');
  });

  it('keeps comments on their lines', () => {
    expect(comment(['a\nb'])).to.deep.equal(['% a b']);
  });

  it('writes numbers: no −0, ∞ as a sign, ε to three digits', () => {
    expect([fixed(-0.0004, 2), fixed(Number.NEGATIVE_INFINITY, 2)]).to.deep.equal(['0.00', '-\\infty']);
    expect([epsilonText(27.94), epsilonText(Number.POSITIVE_INFINITY)]).to.deep.equal(['27.9', '\\infty']);
    expect(estimateCell({ n: 2, mean: 0.5, half: 0.125 }, { digits: 1, scale: 100 })).to.equal('$50.0_{\\pm 12.5}$');
  });
});
