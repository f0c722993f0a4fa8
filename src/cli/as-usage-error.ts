/** What the library refuses in numbers that a person typed is a wrong request, and no failure. */

import { UnsupportedEventError } from '../accounting/index.ts';
import { UsageError } from './usage-error.ts';

/** Gives the answer; a RangeError or an UnsupportedEventError on the way becomes a UsageError of the same message. */
export function asUsageError<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (error instanceof RangeError || error instanceof UnsupportedEventError) throw new UsageError(error.message);
    throw error;
  }
}

/** A list of numbers as it was typed: `1950,30,20`. Throws a UsageError where an entry is no number. */
export function numberList(what: string, text: string): number[] {
  return text.split(',').map((entry) => {
    const value = entry.trim() === '' ? Number.NaN : Number(entry);
    if (Number.isNaN(value)) {
      throw new UsageError(`${what} must be numbers with commas between, like 1950,30,20, but is "${text}".`);
    }
    return value;
  });
}
