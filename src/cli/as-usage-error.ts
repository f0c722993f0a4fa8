/** What the library refuses in numbers that a person typed is a wrong request, and no failure. */

import { UnsupportedEventError } from '../accounting/index.ts';
import { flagOf } from './flag-of.ts';
import { UsageError } from './usage-error.ts';

/**
 * Gives the answer; a RangeError or an UnsupportedEventError on the way becomes a UsageError of the same message, in which
 * what was given by an option is named like the option.
 *
 * @param given The options as yargs gives them, `samplingRate` for --sampling-rate.
 */
export function asUsageError<T>(answer: () => T, given: object = {}): T {
  try {
    return answer();
  } catch (error) {
    throw usageErrorOf(error, given);
  }
}

/** The UsageError that a refusal of the library becomes; any other error as it is. */
export function usageErrorOf(error: unknown, given: object): unknown {
  if (!(error instanceof RangeError || error instanceof UnsupportedEventError)) return error;
  const message = error.message.replace(/^compiled function "[^"]*": /, ''); // whose name says nothing to a user
  return new UsageError(withFlags(message, Object.keys(given)), { cause: error });
}

/** `samplingRate must be …` → `--sampling-rate must be …`. A word like "steps" is an option only where it is what must be. */
function withFlags(message: string, names: readonly string[]): string {
  return message.replace(/(?<![\w"-])[a-z]\w*(?![\w"-])/g, (word, at: number) => {
    const isSubject = at === 0 && / (?:must|are|is) /.test(message.slice(word.length, word.length + 6));
    return names.includes(word) && (/[A-Z]/.test(word) || isSubject) ? flagOf(word) : word;
  });
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
