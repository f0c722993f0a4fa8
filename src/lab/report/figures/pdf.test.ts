import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readResults } from '../../results/read.ts';
import { studyOf } from '../study.ts';
import { madeResults, threeDefenses } from '../testing/made-results.ts';
import { writeReport } from '../write-report.ts';

describe('a document with the tables and figures of a report', () => {
  it('compiles', async function () {
    if (spawnSync('pdflatex', ['--version']).status !== 0) {
      console.log('      skipped: there is no pdflatex (Debian’s texlive-latex-base has it)');
      return this.skip();
    }
    const results = madeResults(threeDefenses);
    const folder = mkdtempSync(join(tmpdir(), 'document-'));
    const { files } = await writeReport(studyOf(readResults(results)), { folder, argv: ['report', 'made'] });
    const figures = files.filter((file) => file.endsWith('.pdf'));
    expect(figures).to.have.length(4);
    const document = [
      ...['\\documentclass{article}', '\\usepackage{booktabs,graphicx}', '\\begin{document}', '\\input{table.tex}'],
      ...figures.map((file) => `\\includegraphics[width=\\linewidth]{${file}}\n`),
      '\\end{document}',
    ];
    writeFileSync(join(folder, 'document.tex'), document.join('\n'));
    const options = ['-interaction=nonstopmode', '-halt-on-error', 'document.tex'];
    const env = { ...process.env, max_print_line: '1000' }; // names of files in one piece
    const { status, stdout } = spawnSync('pdflatex', options, { cwd: folder, encoding: 'utf8', env });
    expect(status, stdout).to.equal(0);
    for (const file of figures) expect(stdout).to.contain(file);
    for (const made of [results, folder]) rmSync(made, { recursive: true });
  });
});
