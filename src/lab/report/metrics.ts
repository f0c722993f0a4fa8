/** How metrics are named, grouped and written for a reader. */

import type { MetricName } from '../../contracts/experiment.ts';
import { higherIsMoreLeakage } from '../scoring.ts';

/** Metrics of one family say the same kind of thing, and share a table. */
export type MetricFamily = 'images' | 'labels' | 'dependence';

export interface MetricFacts {
  readonly label: string;
  /** Empty for shares and other bare numbers. */
  readonly unit: string;
  readonly family: MetricFamily;
  /** After the decimal point, in tables. */
  readonly digits: number;
  /** Smallest and largest value that it can take. */
  readonly bounds: readonly [low: number, high: number];
}

const infinite = Number.POSITIVE_INFINITY;

export const metricFacts: Readonly<Record<MetricName, MetricFacts>> = {
  psnr: { label: 'PSNR', unit: 'dB', family: 'images', digits: 2, bounds: [-infinite, infinite] },
  ssim: { label: 'SSIM', unit: '', family: 'images', digits: 3, bounds: [-1, 1] },
  mse: { label: 'MSE', unit: '', family: 'images', digits: 4, bounds: [0, 1] },
  label_accuracy: { label: 'Label accuracy', unit: '', family: 'labels', digits: 3, bounds: [0, 1] },
  distance_correlation: { label: 'Distance correlation', unit: '', family: 'dependence', digits: 3, bounds: [-1, 1] },
};

/** `PSNR (dB)`. */
export function metricTitle(metric: MetricName): string {
  const { label, unit } = metricFacts[metric];
  return unit === '' ? label : `${label} (${unit})`;
}

/** Leakage turned so that more is worse: what orders configurations. */
export function harm(metric: MetricName, leakage: number): number {
  return higherIsMoreLeakage[metric] ? leakage : -leakage;
}
