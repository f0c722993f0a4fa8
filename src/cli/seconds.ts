/** Times on the command line: 90s, 30m, 2h, 7d; a bare number is seconds. */

import { UsageError } from './usage-error.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** For `coerce`. Without `least`, the time must be above 0. */
export function secondsOf(option: string, { least }: { readonly least?: number } = {}) {
  return (value: unknown): number | undefined => {
    if (value === undefined) return undefined;
    const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(String(value)) ?? [];
    const seconds = Number(count) * (units[unit] ?? Number.NaN);
    if (least === undefined ? seconds > 0 : seconds >= least) return seconds;
    throw new UsageError(`${option} must be a time such as 90s, 30m, 2h or 7d, but is "${String(value)}".`);
  };
}
