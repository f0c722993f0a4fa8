/** The figures that the page draws, as numbers: the same that stand in the report's other files. */

import type { RoundPoint } from '../../results/read.ts';
import { domainOf, logDomainOf, logTicks } from '../figures/domain.ts';
import { epsilonSeries } from '../figures/epsilon.ts';
import { isWide, type Series } from '../figures/lines.ts';
import { marksOf } from '../figures/marks.ts';
import { leakageTitle } from '../figures/trade-off.ts';
import { metricFacts } from '../metrics.ts';
import { tradeOffName } from '../pgfplots/trade-off-tex.ts';
import { figureByRound, type RoundFigure } from '../rounds.ts';
import type { Configuration, Study } from '../study.ts';
import { frontOf, type TradeOff } from '../trade-off.ts';
import type { LineChart, LineSeries, Look, TradeOffChart } from './page-data.ts';

export function looksOf({ configurations }: Study): Look[] {
  return configurations.map(({ label }, index) => ({ label, ...marksOf(index) }));
}

export function tradeOffChart(tradeOff: TradeOff, { configurations }: Study): TradeOffChart {
  const { points, control, metric } = tradeOff;
  const marks = points.map(({ configuration, accuracy, leakage, isDominated }) => ({
    configuration: configurations.indexOf(configuration),
    x: leakage.mean,
    y: 100 * accuracy.mean,
    xHalf: leakage.half,
    yHalf: accuracy.half === undefined ? undefined : 100 * accuracy.half,
    isDominated,
  }));
  const xs = [...marks.flatMap(({ x, xHalf = 0 }) => [x - xHalf, x + xHalf]), control.low, control.high];
  const ys = marks.flatMap(({ y, yHalf = 0 }) => [y - yHalf, y + yHalf]);
  return {
    id: `tradeoff-${tradeOffName(tradeOff)}`,
    xTitle: leakageTitle(tradeOff),
    yTitle: 'Test accuracy (%)',
    xDomain: domainOf(xs, metricFacts[metric].bounds),
    yDomain: domainOf(ys, [0, 100]),
    points: marks,
    front: frontOf(tradeOff).map(({ accuracy, leakage }) => ({ x: leakage.mean, y: 100 * accuracy.mean })),
    control,
  };
}

interface Curve {
  readonly id: string;
  readonly title: string;
  readonly figureOf: (point: RoundPoint) => number | undefined;
  readonly bounds: readonly [number, number];
}

const infinite = Number.POSITIVE_INFINITY;

const curves: readonly Curve[] = [
  { id: 'accuracy', title: 'Test accuracy (%)', figureOf: ({ accuracy }) => 100 * accuracy, bounds: [0, 100] },
  { id: 'test-loss', title: 'Test loss (nats)', figureOf: ({ testLoss }) => testLoss, bounds: [0, infinite] },
  { id: 'train-loss', title: 'Training loss (nats)', figureOf: ({ trainLoss }) => trainLoss, bounds: [0, infinite] },
];

export function trainingCharts({ configurations }: Study): LineChart[] {
  const charts = curves.map((curve) => trainingChart(configurations, curve));
  return charts.filter(({ series }) => series.length > 0);
}

function trainingChart(configurations: readonly Configuration[], curve: Curve): LineChart {
  const all = configurations.map((own, configuration) => lineSeries(configuration, figureByRound(own, curve.figureOf)));
  const series = all.filter(({ points }) => points.length > 0);
  const spread = series.flatMap(({ points }) => points.flatMap(({ mean, half = 0 }) => [mean - half, mean + half]));
  const domain = domainOf(spread, curve.bounds);
  return { id: `training-${curve.id}`, xTitle: 'Round', yTitle: curve.title, domain, series };
}

/** One for each channel with a finite ε. */
export function epsilonCharts(study: Study): LineChart[] {
  return epsilonSeries(study).map(({ channel, series }) => {
    const values = series.flatMap(({ points }) => points.map(({ figure }) => figure.mean));
    const domain = isWide(series) ? logDomainOf(values) : domainOf(values);
    return {
      id: `epsilon-${channel}`,
      xTitle: 'Round',
      yTitle: `ε of the ${channel} channel`,
      domain,
      ...(isWide(series) && { logTicks: logTicks(domain) }),
      series: series.map(({ label, points }) => lineSeries(numberOf(study, label), points)),
    };
  });
}

const numberOf = ({ configurations }: Study, own: Series['label']) =>
  configurations.findIndex(({ label }) => label === own);

/** Rounds in which a figure is not finite are left out. */
function lineSeries(configuration: number, points: readonly RoundFigure[]): LineSeries {
  const finite = points.filter(({ figure }) => Number.isFinite(figure.mean));
  return { configuration, points: finite.map(({ round, figure: { mean, half } }) => ({ round, mean, half })) };
}
