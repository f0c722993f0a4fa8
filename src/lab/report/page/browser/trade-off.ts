/** Accuracy against leakage: tfjs-vis' scatterplot, with intervals, the Pareto front and the control. */

import { scatterplot } from '@tensorflow/tfjs-vis/dist/render/scatterplot.js';
import type { Look, TradeOffChart, TradeOffMark } from '../page-data.ts';
import { extendChart } from './embed.ts';
import { chartSize } from './size.ts';
import type { Spec } from './tfjs-vis.ts';

export async function drawTradeOff(element: HTMLElement, chart: TradeOffChart, looks: readonly Look[]): Promise<void> {
  if (chart.points.length === 0) return element.replaceChildren();
  const drawn = chart.points.map((mark) => ({ mark, look: looks[mark.configuration] as Look }));
  const { width } = chartSize(element);
  extendChart(element, (spec) => extended(spec, chart, { looks, xTitle: linesOf(chart.xTitle, width) }));
  await scatterplot(
    element,
    { values: drawn.map(({ mark }) => [pointOf(mark)]), series: drawn.map(({ look }) => look.label) },
    {
      ...chartSize(element),
      xLabel: chart.xTitle,
      yLabel: chart.yTitle,
      xAxisDomain: chart.xDomain,
      yAxisDomain: chart.yDomain,
      seriesColors: drawn.map(({ look }) => look.color),
    },
  );
}

function pointOf({ x, y, xHalf, yHalf, isDominated }: TradeOffMark) {
  return { x, y, isDominated, accuracy: figure(y, yHalf), leakage: figure(x, xHalf) };
}

function figure(mean: number, half: number | undefined): string {
  const text = String(Number(mean.toPrecision(4)));
  return half === undefined ? text : `${text} ± ${Number(half.toPrecision(2))}`;
}

type Channel = Spec & { readonly scale?: Spec };
interface ScatterSpec extends Spec {
  readonly mark: Spec;
  readonly encoding: { readonly x: Channel; readonly y: Channel };
}

/** A title that a phone has no room for stands on two lines. */
function linesOf(title: string, width: number): string | string[] {
  return width < 500 ? title.replace(': ', ':\n').split('\n') : title;
}

interface Drawn {
  readonly looks: readonly Look[];
  readonly xTitle: string | readonly string[];
}

function extended(spec: Spec, chart: TradeOffChart, { looks, xTitle }: Drawn): Spec {
  const { mark, encoding, ...rest } = spec as ScatterSpec;
  const places = {
    x: { ...encoding.x, title: xTitle, scale: { ...encoding.x.scale, nice: false } },
    y: { ...encoding.y, scale: { ...encoding.y.scale, nice: false } },
  };
  const points = {
    mark: { ...mark, size: 90, strokeWidth: 2, opacity: 1 },
    encoding: { ...encoding, ...places, ...pointLook(chart, looks) },
  };
  return {
    ...rest,
    layer: [
      ...controlLayers(chart, places),
      frontLayer(chart, places),
      ...intervalLayers(chart, looks, places),
      points,
    ],
  };
}

/** Legends stand beside the chart, as text. */
function pointLook({ points }: TradeOffChart, looks: readonly Look[]): Spec {
  const own = points.map(({ configuration }) => looks[configuration] as Look);
  const domain = own.map(({ label }) => label);
  const series = { field: 'series', type: 'nominal', legend: null };
  const color = { ...series, scale: { domain, range: own.map((look) => look.color) } };
  return {
    color,
    fill: { ...color, condition: { test: 'datum.isDominated', value: 'white' } },
    shape: { ...series, scale: { domain, range: own.map((look) => look.shape) } },
    tooltip: [
      { field: 'series', type: 'nominal', title: 'configuration' },
      { field: 'accuracy', type: 'nominal', title: 'accuracy (%)' },
      { field: 'leakage', type: 'nominal' },
    ],
  };
}

interface Places {
  readonly x: Channel;
  readonly y: Channel;
}

function controlLayers({ control }: TradeOffChart, { x }: Places): Spec[] {
  const line = {
    data: { values: [{ x: control.mean }] },
    mark: { type: 'rule', strokeDash: [2, 3], strokeWidth: 1.5, color: '#767676', clip: true },
    encoding: { x },
  };
  const band = {
    data: { values: [{ x: control.low, x2: control.high }] },
    mark: { type: 'rect', color: '#eeeeee', clip: true },
    encoding: { x, x2: { field: 'x2' } },
  };
  return control.high > control.low ? [band, line] : [line];
}

/** The accuracy that is to be had for a leakage: flat up to the next point that gives more. */
function frontLayer({ front }: TradeOffChart, places: Places): Spec {
  return {
    data: { values: front.map((place, order) => ({ ...place, order })) },
    mark: { type: 'line', interpolate: 'step-after', strokeDash: [5, 3], strokeWidth: 1.5, color: '#444444' },
    encoding: { ...places, order: { field: 'order', type: 'quantitative' } },
  };
}

function intervalLayers({ points }: TradeOffChart, looks: readonly Look[], { x, y }: Places): Spec[] {
  return points.flatMap(({ configuration, xHalf, yHalf, ...place }) => {
    const mark = { type: 'rule', strokeWidth: 1.5, color: looks[configuration]?.color, clip: true };
    const across = { ...place, x: place.x - (xHalf ?? 0), x2: place.x + (xHalf ?? 0) };
    const up = { ...place, y: place.y - (yHalf ?? 0), y2: place.y + (yHalf ?? 0) };
    return [
      ...(xHalf === undefined ? [] : [{ data: { values: [across] }, mark, encoding: { x, x2: { field: 'x2' }, y } }]),
      ...(yHalf === undefined ? [] : [{ data: { values: [up] }, mark, encoding: { x, y, y2: { field: 'y2' } } }]),
    ];
  });
}
