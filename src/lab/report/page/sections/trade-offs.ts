/** Accuracy against leakage, for each attack and metric. */

import { metricFacts } from '../../metrics.ts';
import type { Study } from '../../study.ts';
import type { TradeOff } from '../../trade-off.ts';
import { html, type Markup } from '../markup.ts';
import { short, withInterval } from '../numbers.ts';
import type { Look, TradeOffChart } from '../page-data.ts';
import { ruleSymbol } from '../symbols.ts';
import { choiceOf, type Figure, pointEntry, spoken } from './figure.ts';

export interface DrawnTradeOff {
  readonly tradeOff: TradeOff;
  readonly chart: TradeOffChart;
}

export function tradeOffSection(drawn: readonly DrawnTradeOff[], looks: readonly Look[], study: Study): Markup {
  if (drawn.length === 0) return html`<p>${nothingDrawn(study)}</p>`;
  return choiceOf(
    drawn.map((entry) => figureOf(entry, looks)),
    'Attack and metric',
  );
}

function nothingDrawn({ attacks }: Study): string {
  if (attacks.length === 0) return 'No run has an attack: there is no trade-off to draw.';
  return 'The control failed, or no figure is finite, for every configuration: there is no trade-off to draw.';
}

function figureOf({ tradeOff, chart }: DrawnTradeOff, looks: readonly Look[]): Figure {
  const { attack, metric, points, control, leftOut } = tradeOff;
  const front = points.filter(({ isDominated }) => !isDominated).map(({ configuration }) => configuration.label);
  const entries = chart.points.flatMap(({ configuration, isDominated }) => {
    const look = looks[configuration];
    return look ? [pointEntry(look, isDominated)] : [];
  });
  return {
    id: chart.id,
    title: `Accuracy against ${metricFacts[metric].label} of ${attack.label} (view ${attack.view})`,
    description: `On the Pareto front: ${spoken(front)}. Guessing scores ${short(control.mean)}.`,
    legend: [...points.keys()]
      .sort((a, b) => Number(points[a]?.isDominated) - Number(points[b]?.isDominated))
      .flatMap((index) => entries[index] ?? []),
    marks: [
      { symbol: ruleSymbol('#444444', [5, 3]), text: 'Pareto front' },
      { symbol: ruleSymbol('#767676', [2, 3]), text: 'guessing (control)' },
    ],
    table: {
      head: ['Configuration', 'Accuracy (%)', chart.xTitle, 'Seeds', 'Front'],
      rows: points.map(({ configuration, accuracy, leakage, isDominated }) => [
        configuration.label,
        withInterval({
          mean: 100 * accuracy.mean,
          half: accuracy.half === undefined ? undefined : 100 * accuracy.half,
        }),
        withInterval(leakage),
        String(leakage.n),
        isDominated ? 'dominated' : 'on the front',
      ]),
    },
    notes: [
      ...leftOut.map(({ configuration, reason }) => `Not drawn: ${configuration.label} (${reason}).`),
      spreadNote(tradeOff),
      hypervolumeNote(tradeOff),
    ],
  };
}

function hypervolumeNote({ hypervolume, reference, metric }: TradeOff): string {
  const corner = `accuracy ${short(reference.accuracy)}, ${metricFacts[metric].label} ${short(reference.leakage)}`;
  return `Hypervolume ${short(hypervolume)}: the area between the front and the worst corner (${corner}); larger is better.`;
}

function spreadNote({ points }: TradeOff): string {
  const spread = points.some(({ leakage, accuracy }) => leakage.half !== undefined || accuracy.half !== undefined);
  return spread ? 'Means over seeds with 95 % t intervals.' : 'One seed: no interval.';
}
