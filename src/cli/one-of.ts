/** Values of options that must be given once, or be one of several names. */

import { didYouMean } from '../lab/config/did-you-mean.ts';
import { UsageError } from './usage-error.ts';

/** The value where it is one of the choices. Throws a UsageError that lists them otherwise. */
export function oneOf<Choice extends string>(what: string, value: unknown, choices: readonly Choice[]): Choice {
  requireOnce(what, value);
  const known = choices.find((choice) => choice === value);
  if (known !== undefined) return known;
  const given = String(value);
  throw new UsageError(`${what} must be one of ${choices.join(', ')}, but is "${given}".${didYouMean(given, choices)}`);
}

/** An option that is given twice arrives as a list. */
export function requireOnce(what: string, value: unknown): void {
  if (Array.isArray(value)) throw new UsageError(`${what} was given ${value.length} times, but takes one value.`);
}
