/** How far attacks came, step by step. */

import type { Study } from '../../study.ts';
import { html, type Markup } from '../markup.ts';
import type { LineChart, Look } from '../page-data.ts';
import { choiceOf } from './figure.ts';
import { figureOf } from './lines.ts';

const what =
  'Median over victims and seeds of what the attack minimizes. It is not leakage: a low objective may belong to a wrong image. Objectives under different defenses are not of one scale.';

export function progressSection(charts: readonly LineChart[], looks: readonly Look[], { progress }: Study): Markup {
  if (!progress)
    return html`<p>Not recorded: progress.csv is missing, which earlier versions of cutlayer did not write.</p>`;
  if (charts.length === 0) return html`<p>No attack tells how its objective went.</p>`;
  return choiceOf(
    charts.map((chart) => figureOf(chart, { looks, what })),
    'Attack',
  );
}
