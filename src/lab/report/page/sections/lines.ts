/** Curves over rounds: training, and ε of each channel. */

import { html, type Markup } from '../markup.ts';
import { short, withInterval } from '../numbers.ts';
import type { LineChart, Look } from '../page-data.ts';
import { choiceOf, type Figure, figureMarkup, lineEntry, spoken } from './figure.ts';

export function trainingSection(charts: readonly LineChart[], looks: readonly Look[]): Markup {
  return choiceOf(
    charts.map((chart) =>
      figureOf(chart, {
        looks,
        what: 'Means over seeds; bands are 95 % t intervals, of which there is none for a single seed.',
      }),
    ),
    'Figure',
  );
}

export function epsilonSection(charts: readonly LineChart[], looks: readonly Look[]): Markup {
  if (charts.length === 0)
    return html`<p>No channel by round has a finite ε: nothing is proven, and nothing is drawn.</p>`;
  const what =
    'Of the training up to each round, the largest over seeds. What is not drawn has ε = ∞: nothing is proven of it.';
  return html`${charts.map((chart) => figureMarkup(figureOf(chart, { looks, what })))}`;
}

export function figureOf(
  { id, xTitle, yTitle, title = yTitle, series }: LineChart,
  { looks, what }: { looks: readonly Look[]; what: string },
): Figure {
  const labelOf = (configuration: number) => looks[configuration]?.label ?? '';
  const rounds = [...new Set(series.flatMap(({ points }) => points.map(({ round }) => round)))].sort((a, b) => a - b);
  const last = series.map(
    ({ configuration, points }) => `${labelOf(configuration)} ${short(points.at(-1)?.mean ?? Number.NaN)}`,
  );
  return {
    id,
    title: `${title} by ${xTitle.toLowerCase()}`,
    description: `At the end: ${spoken(last)}.`,
    legend: series.flatMap(({ configuration }) => {
      const look = looks[configuration];
      return look ? [lineEntry(look)] : [];
    }),
    table: {
      head: ['Configuration', ...rounds.map((round) => `${xTitle} ${round}`)],
      rows: series.map(({ configuration, points }) => [
        labelOf(configuration),
        ...rounds.map((round) => {
          const point = points.find((candidate) => candidate.round === round);
          return point ? withInterval(point) : '–';
        }),
      ]),
    },
    notes: [what],
  };
}
