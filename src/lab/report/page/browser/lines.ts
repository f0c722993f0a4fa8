/** Figures over rounds: tfjs-vis' line chart, with dashes and marks of each configuration, and bands of intervals. */

import { linechart } from '@tensorflow/tfjs-vis/dist/render/linechart.js';
import type { LineChart, LineSeries, Look } from '../page-data.ts';
import { extendChart } from './embed.ts';
import { chartSize } from './size.ts';
import type { Point, Spec } from './tfjs-vis.ts';

/** Names of series are names of fields to vega, where dots and brackets mean something: numbers stand for them. */
const fieldOf = (index: number) => `series${index}`;

export async function drawLines(element: HTMLElement, chart: LineChart, looks: readonly Look[]): Promise<void> {
  const { series, yTitle, domain } = chart;
  if (series.length === 0) return element.replaceChildren();
  extendChart(element, (spec) => extended(spec, chart, looks));
  await linechart(
    element,
    { values: series.map((own) => pointsOf(own, lastRound(chart))), series: series.map((_, index) => fieldOf(index)) },
    {
      ...chartSize(element),
      xLabel: chart.xTitle,
      yLabel: yTitle,
      yAxisDomain: domain,
      seriesColors: series.map(({ configuration }) => looks[configuration]?.color ?? 'black'),
    },
  );
}

function lastRound({ series }: LineChart): number {
  return Math.max(...series.flatMap(({ points }) => points.map(({ round }) => round)));
}

/** tfjs-vis counts from 0, where there is no round, and wants as many points of each series. */
function pointsOf({ points }: LineSeries, last: number): Point[] {
  const figures = new Map(points.map(({ round, mean }) => [round, mean]));
  return Array.from({ length: last + 1 }, (_, x) => ({ x, y: figures.get(x) ?? null }));
}

type Channel = Spec & { readonly scale?: Spec; readonly field?: string };
interface LineLayer extends Spec {
  readonly mark: Spec;
  readonly encoding: { readonly y: Channel; readonly color: Channel };
}
interface LineSpec extends Spec {
  readonly encoding: { readonly x: Channel; readonly tooltip: readonly Channel[] };
  /** The lines, then what follows the pointer. */
  readonly layer: readonly LineLayer[];
}

function extended(spec: Spec, chart: LineChart, looks: readonly Look[]): Spec {
  const { encoding, layer, ...rest } = spec as LineSpec;
  const { series } = chart;
  const scale = { ...(chart.logTicks && { type: 'log' }), domain: chart.domain, nice: false };
  const axis = chart.logTicks ? { values: chart.logTicks } : {};
  const own = series.map(({ configuration }) => looks[configuration] as Look);
  const lines = layer
    .slice(0, series.length)
    .map((line, index) => (own.length > mostMarked ? thinLine : markedLine)(line, own[index] as Look, { scale, axis }));
  return {
    ...rest,
    transform: [{ filter: { field: 'x', oneOf: roundsOf(chart) } }], // others hold nothing, but take room
    encoding: {
      ...encoding,
      x: roundsAxis(encoding.x, chart),
      tooltip: namedTooltip(chart.xTitle, encoding.tooltip, own),
    },
    layer: [...bandLayers(chart, looks, { scale, axis }), ...lines.flat(), ...layer.slice(series.length)],
  };
}

function roundsOf({ series }: LineChart): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ round }) => round)))].sort((a, b) => a - b);
}

/** At most so many are named on the axis. */
const mostTicks = 10;

function roundsAxis(x: Channel, chart: LineChart): Channel {
  const rounds = roundsOf(chart);
  const [first = 0, last = 0] = [rounds.at(0), rounds.at(-1)];
  const room = Math.max(0.06 * (last - first), 0.3);
  const step = Math.ceil(rounds.length / mostTicks);
  const values = rounds.filter((_, index) => (rounds.length - 1 - index) % step === 0);
  return { ...x, scale: { domain: [first - room, last + room], nice: false }, axis: { values, format: 'd' } };
}

/** More of them would not fit above a phone's chart. */
const mostInTooltip = 12;

function namedTooltip(xTitle: string, tooltip: readonly Channel[], looks: readonly Look[]): readonly Channel[] {
  const [round = {}, ...figures] = tooltip;
  const named = figures
    .slice(0, mostInTooltip)
    .map((figure, index) => ({ ...figure, title: looks[index]?.label, format: '.4~g' }));
  return [{ ...round, title: xTitle }, ...named];
}

/** More lines would hide each other. */
const mostMarked = 24;

function thinLine(line: LineLayer, look: Look, upright: Spec): Spec[] {
  const encoding = { y: { ...line.encoding.y, ...upright }, color: { value: look.color } };
  return [{ ...line, mark: { ...line.mark, strokeWidth: 1, opacity: 0.6 }, encoding }];
}

function markedLine(line: LineLayer, look: Look, upright: Spec): Spec[] {
  const y = { ...line.encoding.y, ...upright };
  const color = { value: look.color };
  return [
    { ...line, mark: { ...line.mark, strokeWidth: 2, strokeDash: look.dash }, encoding: { y, color } },
    {
      mark: { type: 'point', shape: look.shape, filled: true, size: 60, opacity: 1, clip: true },
      encoding: { y, color },
    },
  ];
}

function bandLayers({ series, yTitle }: LineChart, looks: readonly Look[], upright: Spec): Spec[] {
  return series.flatMap(({ configuration, points }) => {
    const values = points.flatMap(({ round, mean, half }) =>
      half === undefined ? [] : [{ x: round, low: mean - half, high: mean + half }],
    );
    if (values.length === 0) return [];
    const y = { field: 'low', type: 'quantitative', title: yTitle, ...upright };
    const color = looks[configuration]?.color;
    const band = { type: 'area', opacity: 0.13, color, clip: true };
    const mark = values.length > 1 ? band : { type: 'rule', strokeWidth: 1.5, color, clip: true };
    return [{ data: { values }, mark, encoding: { y, y2: { field: 'high' }, tooltip: null } }];
  });
}
