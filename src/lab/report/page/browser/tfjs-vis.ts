/** Options and data of tfjs-vis' charts, as far as the page uses them. */

export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly xAxisDomain?: readonly [number, number];
  readonly yAxisDomain?: readonly [number, number];
  readonly seriesColors?: readonly string[];
  readonly fontSize: number;
}

export interface Point {
  readonly x: number;
  /** Null where there is none. */
  readonly y: number | null;
  readonly [detail: string]: number | string | boolean | null | undefined;
}

/** A Vega-Lite specification, or a part of one. */
export type Spec = Readonly<Record<string, unknown>>;
