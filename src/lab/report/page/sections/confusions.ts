/** What was taken for what after the last round. */

import type { Study } from '../../study.ts';
import { html, type Markup } from '../markup.ts';
import { percent } from '../numbers.ts';
import type { ConfusionChart } from '../page-data.ts';
import { choiceOf, type Figure } from './figure.ts';

export function confusionSection(charts: readonly ConfusionChart[], study: Study): Markup {
  if (charts.length === 0)
    return html`<p>Not recorded: confusion.csv is missing, which earlier versions of cutlayer did not write.</p>`;
  return choiceOf(
    charts.map((chart) => figureOf(chart, study)),
    'Configuration',
  );
}

function figureOf({ id, configuration, counts }: ConfusionChart, { configurations }: Study): Figure {
  const { label = '', accuracy } = configurations[configuration] ?? {};
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  return {
    id,
    title: label,
    of: label,
    description: `Of ${total} test examples, ${percent(right / total)} were classified rightly.`,
    legend: [],
    table: {
      head: ['Label', ...counts.map((_, index) => `as ${index}`)],
      rows: counts.map((row, index) => [String(index), ...row.map(String)]),
    },
    notes: [
      `Test examples by label (rows) and what they were taken for (columns) after the last round${accuracy && accuracy.size > 1 ? `, of ${accuracy.size} seeds together` : ''}. Only mistakes are shaded.`,
    ],
  };
}
