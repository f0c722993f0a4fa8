/** A chart with what stands around it: its legend, and its figures as a table for those who cannot see it. */

import { html, type Markup, type Part } from '../markup.ts';
import type { Look } from '../page-data.ts';
import { lineSymbol, pointSymbol } from '../symbols.ts';

export interface Figure {
  /** Of the chart that the script draws here. */
  readonly id: string;
  readonly title: string;
  /** What a reader who does not see it should know first. */
  readonly description: string;
  readonly legend: readonly LegendEntry[];
  readonly table: DataTable;
  readonly notes?: readonly string[];
}

export interface LegendEntry {
  readonly symbol: Markup;
  readonly text: string;
}

export interface DataTable {
  readonly head: readonly string[];
  /** Numbers are text by now; the first cell names the row. */
  readonly rows: readonly (readonly string[])[];
}

export function figureMarkup({ id, title, description, legend, table, notes = [] }: Figure): Markup {
  return html`<figure id="${id}" data-title="${title}">
<figcaption>${title}</figcaption>
<div class="chart" data-chart="${id}" role="img" aria-label="${`${title}. ${description}`}"></div>
<ul class="legend">${legend.map(({ symbol, text }) => html`<li>${symbol}<span>${text}</span></li>`)}</ul>
${notes.map((note) => html`<p class="note">${note}</p>`)}
<details><summary>Figures of this chart</summary>${dataTable(table, title)}</details>
</figure>
`;
}

export function dataTable({ head, rows }: DataTable, caption: string): Markup {
  const [first = '', ...rest] = head;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table aria-label="${caption}">
<thead><tr><th scope="col">${first}</th>${rest.map((cell) => html`<th scope="col" class="number">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(tableRow)}</tbody>
</table></div>`;
}

function tableRow([name = '', ...cells]: readonly string[]): Part {
  return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>
`;
}

/** Several figures of which one is shown at a time, chosen by title; all of them where scripts do not run. */
export function choiceOf(figures: readonly Figure[], label: string): Markup {
  return html`<div class="choice" data-label="${label}">${figures.map(figureMarkup)}</div>`;
}

export const lineEntry = (look: Look): LegendEntry => ({ symbol: lineSymbol(look), text: look.label });
export const pointEntry = (look: Look, isDominated: boolean): LegendEntry => ({
  symbol: pointSymbol(look, isDominated),
  text: `${look.label}${isDominated ? ' (dominated)' : ''}`,
});
