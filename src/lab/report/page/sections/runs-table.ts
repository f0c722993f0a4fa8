/** The table of runs: a row for each row of runs.csv, and one for each run that is missing. */

import type { RunRecord } from '../../../results/read.ts';
import type { Study } from '../../study.ts';
import { html, type Markup } from '../markup.ts';
import { percent, short } from '../numbers.ts';

interface RunRow {
  readonly runId: string;
  readonly seed: number;
  readonly configuration: string;
  readonly record: RunRecord | undefined;
}

interface Cell {
  readonly text: string;
  /** What it is sorted by; its text where left out. */
  readonly value?: number | undefined;
}

interface Column {
  readonly head: string;
  readonly isNumeric?: boolean;
  readonly cell: (row: RunRow) => Cell | undefined;
}

const text = (value: string | undefined): Cell | undefined => (value === undefined ? undefined : { text: value });
const number = (value: number | undefined, write = short): Cell | undefined =>
  value === undefined ? undefined : { text: write(value), value };

const columns: readonly Column[] = [
  { head: 'Configuration', cell: ({ configuration }) => text(configuration) },
  { head: 'Seed', isNumeric: true, cell: ({ seed }) => number(seed, String) },
  { head: 'Accuracy', isNumeric: true, cell: ({ record }) => number(record?.accuracy, percent) },
  { head: 'Attack', cell: ({ record }) => text(record?.score?.attack) },
  { head: 'View', cell: ({ record }) => text(record?.score?.view) },
  { head: 'Metric', cell: ({ record }) => text(record?.score?.metric) },
  { head: 'Leakage', isNumeric: true, cell: ({ record }) => number(record?.score?.leakage) },
  { head: 'Guessing', isNumeric: true, cell: ({ record }) => number(record?.score?.control) },
  { head: 'Control', cell: ({ record }) => text(record ? controlText(record) : 'run is missing') },
  { head: 'ε activation', isNumeric: true, cell: ({ record }) => number(record?.epsilons.activation) },
  { head: 'ε weights', isNumeric: true, cell: ({ record }) => number(record?.epsilons.weights) },
  {
    head: 'ε weights, conditional',
    isNumeric: true,
    cell: ({ record }) => number(record?.epsilons.weightsConditional),
  },
  { head: 'Unit of weights', cell: ({ record }) => text(record?.weightsUnit) },
  { head: 'ε label', isNumeric: true, cell: ({ record }) => number(record?.epsilons.label) },
  { head: 'ε joint', isNumeric: true, cell: ({ record }) => number(record?.epsilons.joint) },
  { head: 'Run', cell: ({ runId }) => text(runId) },
];

function controlText({ score }: RunRecord): string | undefined {
  if (!score) return undefined;
  if (score.controlOk === undefined) return 'no undefended run';
  return score.controlOk ? 'holds' : 'control failed';
}

export function runsTable(study: Study): Markup {
  const rows = rowsOf(study);
  return html`<form class="filters" id="runs-filters" hidden>
<label>Filter <input type="search" id="runs-filter" autocomplete="off" spellcheck="false"></label>
${choice(
  'Attack',
  'runs-attack',
  rows.map(({ record }) => record?.score?.attack),
)}
${choice(
  'Metric',
  'runs-metric',
  rows.map(({ record }) => record?.score?.metric),
)}
<output id="runs-count" aria-live="polite">${rows.length} rows</output>
</form>
<p class="note" id="runs-note">The rows of runs.csv. “Control” says whether the attack beat guessing on the undefended model of the same seed; where it failed, the row says nothing about a defense.</p>
<div class="scroll" role="region" aria-label="Runs" tabindex="0">
<table id="runs" aria-label="Runs" aria-describedby="runs-note">
<thead><tr>${columns.map(({ head, isNumeric }) => html`<th scope="col"${isNumeric ? html` class="number"` : ''}>${head}</th>`)}</tr></thead>
<tbody>
${rows.map(rowMarkup)}
</tbody>
</table>
</div>`;
}

/** In the order of runs.csv, then what is missing. */
function rowsOf({ configurations, records, missing }: Study): RunRow[] {
  const places = new Map(
    configurations.flatMap(({ label, runIds }) =>
      [...runIds].map(([runId, seed]) => [runId, { seed, configuration: label }] as const),
    ),
  );
  const finished = records.flatMap((record) => {
    const place = places.get(record.runId);
    return place ? [{ runId: record.runId, ...place, record }] : [];
  });
  return [...finished, ...missing.map((run) => ({ ...run, record: undefined }))];
}

function rowMarkup(row: RunRow): Markup {
  const { record } = row;
  const failed = record?.score?.controlOk === false;
  return html`<tr data-attack="${record?.score?.attack}" data-metric="${record?.score?.metric}"${failed && html` class="failed"`}>${columns.map((column, index) => cellMarkup(column, row, index))}</tr>
`;
}

function cellMarkup({ cell, isNumeric }: Column, row: RunRow, index: number): Markup {
  const { text: written = '', value } = cell(row) ?? {};
  if (index === 0) return html`<th scope="row">${written}</th>`;
  return html`<td${isNumeric && html` class="number"`}${value !== undefined && html` data-value="${value}"`}>${written}</td>`;
}

/** Nothing where there is nothing to choose. */
function choice(label: string, id: string, values: readonly (string | undefined)[]): Markup | undefined {
  const present = [...new Set(values.filter((value) => value !== undefined))];
  if (present.length < 2) return undefined;
  return html`<label>${label} <select id="${id}"><option value="">all</option>${present.map((value) => html`<option>${value}</option>`)}</select></label>`;
}
