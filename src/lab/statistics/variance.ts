import { mean } from './mean.ts';

/** Sample variance: squared distances from the mean, summed, ÷ (n − 1). NaN of fewer than two values. */
export function sampleVariance(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}
