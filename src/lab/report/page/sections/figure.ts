/** A chart with what stands around it: its legend, and its figures as a table for those who cannot see it. */

import { firstOf } from '../../../../arrays/first-of.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Look } from '../page-data.ts';
import { lineSymbol, pointSymbol } from '../symbols.ts';

export interface Figure {
  /** Of the chart that the script draws here. */
  readonly id: string;
  readonly title: string;
  /** What a reader who does not see it should know first. */
  readonly description: string;
  /** Of what is drawn most of; folded where there is much. */
  readonly legend: readonly LegendEntry[];
  /** What is named in any case. */
  readonly marks?: readonly LegendEntry[];
  readonly table: DataTable;
  readonly notes?: readonly string[];
  /** The label of the one configuration that it shows. */
  readonly of?: string;
}

export interface LegendEntry {
  readonly symbol: Markup;
  readonly text: string;
  /** The label of the configuration that it stands for. */
  readonly of?: string;
}

export interface DataTable {
  readonly head: readonly string[];
  /** Numbers are text by now; the first cell names the row. */
  readonly rows: readonly (readonly string[])[];
}

export function figureMarkup({ id, title, description, legend, marks = [], table, notes = [], of }: Figure): Markup {
  return html`<figure id="${id}" data-title="${title}"${of !== undefined && html` data-of="${of}"`}>
<figcaption>${title}</figcaption>
<div class="chart" data-chart="${id}" role="img" aria-label="${`${title}. ${description}`}"></div>
${legend.length > mostInLegend ? [legendList(marks), foldedLegend(legend)] : legendList([...legend, ...marks])}
${notes.map((note) => html`<p class="note">${note}</p>`)}
<details><summary>Figures of this chart</summary>${dataTable(table, title)}</details>
</figure>
`;
}

/** More of them would stand between one chart and the next. */
const mostInLegend = 16;

function legendList(entries: readonly LegendEntry[]): Markup {
  return html`<ul class="legend">${entries.map(({ symbol, text, of }) => html`<li${of !== undefined && html` data-configuration="${of}"`}>${symbol}<span>${text}</span></li>`)}</ul>`;
}

function foldedLegend(entries: readonly LegendEntry[]): Markup {
  return html`<details><summary>Legend of ${entries.length} configurations</summary><div class="many" role="region" aria-label="Legend" tabindex="0">${legendList(entries)}</div></details>`;
}

/** For those who hear it: the first, and how many more the table below has. */
export function spoken(texts: readonly string[]): string {
  return firstOf(texts, { most: 8, rest: 'in the table below' });
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

export const lineEntry = (look: Look): LegendEntry => ({ symbol: lineSymbol(look), text: look.label, of: look.label });
export const pointEntry = (look: Look, isDominated: boolean): LegendEntry => ({
  symbol: pointSymbol(look, isDominated),
  text: `${look.label}${isDominated ? ' (dominated)' : ''}`,
  of: look.label,
});
