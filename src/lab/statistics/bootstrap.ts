/** Percentile bootstrap intervals over seeds (Efron and Tibshirani 1993, chapter 13). */

import type { Rng } from '../../contracts/rng.ts';

export interface BootstrapOptions {
  readonly rng: Rng;
  /** Share of resamples inside the interval. */
  readonly level?: number;
  readonly resamples?: number;
}

export interface BootstrapInterval {
  readonly low: number;
  readonly high: number;
}

/** Up to this many possible resamples (6 values) all are taken, and the interval is exact. */
const mostEnumerated = 50_000;

/**
 * The interval between the (1 ± level)/2 quantiles of `statistic` over resamples with replacement. It needs no normality, but
 * is too narrow for few values; read it beside the t interval.
 * @returns undefined for fewer than two values: one says nothing of its own spread.
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  { rng, level = 0.95, resamples = 10_000 }: BootstrapOptions,
): BootstrapInterval | undefined {
  if (values.length < 2) return undefined;
  const isSmall = values.length ** values.length <= mostEnumerated;
  const samples = isSmall ? allResamples(values) : randomResamples(values, resamples, rng);
  const figures = new Float64Array(isSmall ? values.length ** values.length : resamples);
  let index = 0;
  for (const sample of samples) figures[index++] = statistic(sample); // Float64Array.from would hold all samples first
  figures.sort();
  const at = (p: number) => figures[Math.min(figures.length - 1, Math.floor(p * figures.length))] as number;
  const tail = (1 - level) / 2;
  return { low: at(tail), high: at(1 - tail) };
}

function* allResamples(values: readonly number[]): Generator<number[]> {
  const n = values.length;
  for (let code = 0; code < n ** n; code += 1) {
    yield values.map((_, place) => values[Math.floor(code / n ** place) % n] as number);
  }
}

function* randomResamples(values: readonly number[], count: number, rng: Rng): Generator<number[]> {
  const n = values.length;
  const draws = rng.uniform(count * n);
  for (let resample = 0; resample < count; resample += 1) {
    yield values.map((_, place) => values[Math.floor((draws[resample * n + place] as number) * n)] as number);
  }
}
