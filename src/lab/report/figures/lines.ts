/** Lines over rounds, one for each configuration, with bands of 95 % t intervals over seeds. */

import type { Estimate } from '../estimate.ts';
import { domainOf, logDomainOf, logTicks } from './domain.ts';
import { type LegendEntry, pointMark } from './legend.ts';
import type { Marks } from './marks.ts';
import type { LayerSpec, UnitSpec } from './spec.ts';

export interface Series {
  readonly label: string;
  readonly marks: Marks;
  readonly points: readonly { readonly round: number; readonly figure: Estimate }[];
}

export interface LinesOptions {
  readonly title: string;
  /** Of what the figure can be. */
  readonly bounds?: readonly [number, number];
  readonly isLogarithmic?: boolean;
}

export function linesOf(series: readonly Series[], { title, bounds, isLogarithmic = false }: LinesOptions): LayerSpec {
  const figures = series.flatMap(({ points }) => points.map(({ figure }) => figure));
  const spread = figures.flatMap(({ mean, half = 0 }) => [mean - half, mean + half]);
  const domain = isLogarithmic ? logDomainOf(spread) : domainOf(spread, bounds);
  const scale = { ...(isLogarithmic && { type: 'log' }), domain, nice: false };
  const axis = isLogarithmic ? { values: logTicks(domain) } : {};
  const rounds = series.flatMap(({ points }) => points.map(({ round }) => round));
  const places = {
    x: {
      field: 'round',
      type: 'quantitative',
      title: 'Round',
      axis: { tickMinStep: 1, format: 'd' },
      scale: { domain: domainOf(rounds), nice: false },
    },
    y: { field: 'mean', type: 'quantitative', title, scale, axis },
  } as const;
  // Lines above all bands, so that no band hides one.
  const bands = series.flatMap((line) => bandLayers(line, places as unknown as Places));
  return {
    width: 380,
    height: 260,
    layer: [...bands, ...series.flatMap((line) => lineLayers(line, places as unknown as Places))],
  };
}

interface Places {
  readonly x: Channel;
  readonly y: Channel;
}
type Channel = NonNullable<NonNullable<UnitSpec['encoding']>['x']>;

function bandLayers({ points, marks }: Series, { x, y }: Places): UnitSpec[] {
  const values = points.flatMap(({ round, figure: { mean, half } }) =>
    half === undefined ? [] : [{ round, low: mean - half, high: mean + half }],
  );
  if (values.length === 0) return [];
  return [
    {
      data: { values },
      mark: { type: 'area', fill: marks.color, opacity: 0.13, clip: true },
      encoding: { x, y: { ...y, field: 'low' } as Channel, y2: { field: 'high' } },
    },
  ];
}

/** At most so many points on a line. */
const mostPoints = 12;

function lineLayers({ points, marks }: Series, { x, y }: Places): UnitSpec[] {
  const values = points.map(({ round, figure }) => ({ round, mean: figure.mean }));
  const step = Math.ceil(values.length / mostPoints);
  const marked = values.filter((_, index) => (values.length - 1 - index) % step === 0);
  const line = { type: 'line', stroke: marks.color, strokeWidth: 1.5, strokeDash: marks.dash } as const;
  return [
    { data: { values }, mark: line, encoding: { x, y } },
    { data: { values: marked }, mark: { ...pointMark(marks), size: 40 }, encoding: { x, y } },
  ];
}

export function lineLegend(series: readonly Series[]): LegendEntry[] {
  return series.map(({ label, marks }) => ({ text: label, ...marks }));
}

/** Beyond a factor of 20 the small ones lie on the axis. */
export function isWide(series: readonly Series[]): boolean {
  const values = series.flatMap(({ points }) => points.map(({ figure }) => figure.mean));
  return Math.min(...values) > 0 && Math.max(...values) > 20 * Math.min(...values);
}
