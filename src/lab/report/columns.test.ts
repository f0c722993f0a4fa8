import { expect } from 'chai';
import { confusionColumns, progressColumns, roundColumns, runColumns, timingColumns } from '../results/csv.ts';
import { summaryColumns } from '../results/summary.ts';
import { columnsMarkdown, dictionaries } from './columns.ts';
import { comparisonColumns } from './comparisons.ts';
import { paretoColumns } from './trade-off.ts';

const written: Readonly<Record<string, readonly string[]>> = {
  'runs.csv': runColumns,
  'rounds.csv': roundColumns,
  'confusion.csv': confusionColumns,
  'progress.csv': progressColumns,
  'timings.csv': timingColumns,
  'summary.csv': summaryColumns,
  'comparisons.csv': comparisonColumns,
  'pareto.csv': paretoColumns,
};

describe('columns.md', () => {
  it('is of every file', () => expect(Object.keys(dictionaries)).to.deep.equal(Object.keys(written)));

  for (const [file, columns] of Object.entries(written)) {
    it(`has exactly the columns of ${file}, in their order`, () => {
      const [, section = ''] = columnsMarkdown().split(`## ${file}\n`);
      const [own = ''] = section.split('\n## ');
      expect([...own.matchAll(/^\| `(.*?)` \|/gm)].map(([, column]) => column)).to.deep.equal([...columns]);
    });
  }
});
