/** What the page's script is given to draw. Plain JSON; configurations are numbers, in the order of the study. */

export interface PageData {
  readonly looks: readonly Look[];
  readonly tradeOffs: readonly TradeOffChart[];
  readonly lines: readonly LineChart[];
  readonly confusions: readonly ConfusionChart[];
  readonly galleries: readonly GalleryData[];
  /** PNG as `data:` addresses, each picture once. */
  readonly pictures: readonly string[];
}

/** How a configuration is drawn. */
export interface Look {
  readonly label: string;
  readonly color: string;
  /** Of vega. */
  readonly shape: string;
  readonly dash: readonly number[];
}

export type Domain = readonly [low: number, high: number];

export interface TradeOffChart {
  readonly id: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xDomain: Domain;
  readonly yDomain: Domain;
  readonly points: readonly TradeOffMark[];
  /** From the least leakage to the most. */
  readonly front: readonly Place[];
  /** What guessing scores. */
  readonly control: { readonly mean: number; readonly low: number; readonly high: number };
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface TradeOffMark extends Place {
  readonly configuration: number;
  /** Half of the 95 % t intervals; absent for one seed. */
  readonly xHalf?: number | undefined;
  readonly yHalf?: number | undefined;
  readonly isDominated: boolean;
}

export interface LineChart {
  readonly id: string;
  /** What is drawn, where the axis says less. */
  readonly title?: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly domain: Domain;
  /** Of a logarithmic axis; a linear one has its own. */
  readonly logTicks?: readonly number[];
  readonly series: readonly LineSeries[];
}

export interface LineSeries {
  readonly configuration: number;
  readonly points: readonly LinePoint[];
}

export interface LinePoint {
  /** Or step of an attack; whole numbers from 1. */
  readonly round: number;
  readonly mean: number;
  readonly half?: number | undefined;
}

export interface ConfusionChart {
  readonly id: string;
  readonly configuration: number;
  /** Rows are labels, columns what was predicted; counts over all seeds. */
  readonly counts: readonly (readonly number[])[];
}

export interface GalleryData {
  readonly id: string;
  /** From the weakest defense to the strongest. */
  readonly steps: readonly GalleryStep[];
}

export interface GalleryStep {
  readonly label: string;
  readonly shots: readonly GalleryShot[];
}

/** Of one seed. Pictures are numbers of `PageData.pictures`. */
export interface GalleryShot {
  readonly seed: number;
  /** What the attack scored there. */
  readonly scores: string;
  readonly originals: readonly number[];
  readonly reconstructions: readonly number[];
}
