/** Ranges of axes. */

/** From the smallest to the largest finite value with a little room, within the bounds of what is shown. */
export function domainOf(
  values: readonly (number | undefined)[],
  [low, high]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): [number, number] {
  const finite = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const inside = finite.map((value) => Math.min(high, Math.max(low, value)));
  const [least, most] = [Math.min(...inside), Math.max(...inside)];
  const room = most > least ? 0.06 * (most - least) : 0.05 * Math.max(1, Math.abs(most));
  return [least - room, most + room];
}

/** The same where the axis is logarithmic. Values must be above 0. */
export function logDomainOf(values: readonly number[]): [number, number] {
  return [Math.min(...values) / 1.3, Math.max(...values) * 1.3];
}

/** 1, 2 and 5 times powers of ten inside the domain; beyond three of them, which would crowd, only the powers. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const steps = high / low > 2000 ? [1] : [1, 2, 5];
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, index) => first + index);
  const ticks = powers.flatMap((power) => steps.map((step) => Number(`${step}e${power}`)));
  return ticks.filter((tick) => tick >= low && tick <= high);
}
