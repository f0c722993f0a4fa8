/** tradeoff-<attack>-<metric>.svg: accuracy against leakage, a point for each configuration. */

import { higherIsMoreLeakage } from '../../scoring.ts';
import { metricFacts, metricTitle } from '../metrics.ts';
import type { Origin } from '../origin.ts';
import type { Study } from '../study.ts';
import { frontOf, type TradeOff, type TradeOffEntry } from '../trade-off.ts';
import { domainOf } from './domain.ts';
import { type LegendEntry, legendOf, pointMark } from './legend.ts';
import { type Marks, marksOf } from './marks.ts';
import { svgOf, type UnitSpec } from './spec.ts';

/** A point as it is drawn: accuracy in percent. */
interface Drawn {
  readonly entry: TradeOffEntry;
  readonly marks: Marks;
  readonly x: Span;
  readonly y: Span;
}

interface Span {
  readonly mean: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

const frontDash = [6, 3];
const controlDash = [2, 3];
const grey = '#777777';

export async function tradeOffSvg(tradeOff: TradeOff, study: Study, origin: Origin): Promise<string> {
  const drawn = tradeOff.points.map((entry) => ({
    entry,
    marks: marksOf(study.configurations.indexOf(entry.configuration)),
    x: spanOf(entry.leakage, 1),
    y: spanOf(entry.accuracy, 100),
  }));
  const spec = {
    hconcat: [{ width: 380, height: 300, layer: layersOf(tradeOff, drawn) }, legendOf(legendEntries(tradeOff, drawn))],
    spacing: 24,
  };
  return svgOf(spec, describe(tradeOff, origin));
}

function spanOf({ mean, half }: TradeOffEntry['accuracy'], scale: number): Span {
  const [low, high] = half === undefined ? [undefined, undefined] : [scale * (mean - half), scale * (mean + half)];
  return { mean: scale * mean, low, high };
}

function layersOf(tradeOff: TradeOff, drawn: readonly Drawn[]): UnitSpec[] {
  const { control, metric } = tradeOff;
  const xs = [...drawn.flatMap(({ x }) => [x.mean, x.low, x.high]), control.low, control.high];
  const ys = drawn.flatMap(({ y }) => [y.mean, y.low, y.high]);
  const x = {
    ...axis(leakageTitle(tradeOff)),
    scale: { domain: domainOf(xs, metricFacts[metric].bounds), nice: false },
  };
  const y = { ...axis('Test accuracy (%)'), scale: { domain: domainOf(ys, [0, 100]), nice: false } };
  const places = { x: { field: 'x', ...x }, y: { field: 'y', ...y } };
  return [
    ...controlLayers(tradeOff, places),
    frontLayer(tradeOff, places),
    ...drawn.flatMap((point) => pointLayers(point, places)),
  ];
}

const axis = (title: string) => ({ type: 'quantitative', title }) as const;

interface Places {
  readonly x: Channel;
  readonly y: Channel;
}
type Channel = NonNullable<NonNullable<UnitSpec['encoding']>['x']>;

/** Of the axis, where there is no room for the options that tell attacks of one name apart: titles and names of files do. */
export function leakageTitle({ metric, attack }: TradeOff): string {
  const direction = higherIsMoreLeakage[metric] ? 'less' : 'more';
  return `Leakage to ${attack.name}: ${metricTitle(metric)}, ${direction} is better`;
}

/** A line where guessing scores the same beside every configuration, in a band where it does not. */
function controlLayers({ control }: TradeOff, { x }: Places): UnitSpec[] {
  const line: UnitSpec = {
    data: { values: [{ x: control.mean }] },
    mark: { type: 'rule', strokeDash: controlDash, strokeWidth: 1.5, stroke: grey, clip: true },
    encoding: { x },
  };
  const band: UnitSpec = {
    data: { values: [{ x: control.low, x2: control.high }] },
    mark: { type: 'rect', fill: '#eeeeee', clip: true },
    encoding: { x, x2: { field: 'x2' } },
  };
  return control.high > control.low ? [band, line] : [line];
}

/** The accuracy that is to be had for a leakage: flat up to the next point that gives more. */
function frontLayer(tradeOff: TradeOff, { x, y }: Places): UnitSpec {
  const values = frontOf(tradeOff).map(({ accuracy, leakage }, order) => ({
    x: leakage.mean,
    y: 100 * accuracy.mean,
    order,
  }));
  return {
    data: { values },
    mark: { type: 'line', interpolate: 'step-after', strokeDash: frontDash, strokeWidth: 1.2, stroke: '#444444' },
    encoding: { x, y, order: { field: 'order', type: 'quantitative' } },
  };
}

function pointLayers({ entry, marks, x: across, y: up }: Drawn, { x, y }: Places): UnitSpec[] {
  const values = [{ x: across.mean, y: up.mean, xLow: across.low, xHigh: across.high, yLow: up.low, yHigh: up.high }];
  const rule = { type: 'rule', stroke: marks.color, strokeWidth: 1.2, clip: true } as const;
  const horizontal: UnitSpec = {
    data: { values },
    mark: rule,
    encoding: { x: { ...x, field: 'xLow' } as Channel, x2: { field: 'xHigh' }, y },
  };
  const vertical: UnitSpec = {
    data: { values },
    mark: rule,
    encoding: { x, y: { ...y, field: 'yLow' } as Channel, y2: { field: 'yHigh' } },
  };
  return [
    ...(across.low === undefined ? [] : [horizontal]),
    ...(up.low === undefined ? [] : [vertical]),
    { data: { values }, mark: pointMark({ ...marks, isHollow: entry.isDominated }), encoding: { x, y } },
  ];
}

function legendEntries({ leftOut }: TradeOff, drawn: readonly Drawn[]): LegendEntry[] {
  const points = drawn.map(({ entry, marks: { color, shape } }) => ({
    text: `${entry.configuration.label}${entry.isDominated ? ' (dominated)' : ''}`,
    color,
    shape,
    isHollow: entry.isDominated,
  }));
  return [
    ...points,
    { text: 'Pareto front', color: '#444444', dash: frontDash, strokeWidth: 1.2 },
    { text: 'guessing (control)', color: grey, dash: controlDash },
    ...leftOut.map(({ configuration, reason }) => ({
      text: `not drawn: ${configuration.label} (${reason})`,
      color: grey,
    })),
  ];
}

function describe({ attack, metric, points, leftOut }: TradeOff, origin: Origin) {
  const spread = points.some(({ leakage, accuracy }) => leakage.half !== undefined || accuracy.half !== undefined);
  const missing = leftOut
    .map(({ configuration, reason }) => ` Not drawn: ${configuration.label} (${reason}).`)
    .join('');
  return {
    title: `Test accuracy against ${metricFacts[metric].label} of ${attack.label} (view ${attack.view})`,
    description:
      `One point for each configuration: the mean over its seeds${spread ? ', with 95 % t intervals' : ', of which there is one'}. ` +
      `Hollow points are dominated: another configuration is at least as good in both, and better in one.${missing}`,
    origin,
  };
}
