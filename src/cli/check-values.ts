/** Values that yargs lets pass: options given twice, numbers that are none, switches with a value. */

import { UsageError } from './usage-error.ts';

/** What yargs knows of the options at hand, by name. */
export interface OptionTypes {
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number: readonly string[];
}

/** Throws a UsageError that names the option. */
export function checkValues(
  values: Readonly<Record<string, unknown>>,
  { array, boolean, number }: OptionTypes,
  args: readonly string[],
): void {
  for (const name of Object.keys(values).filter((key) => typedValues(key, args).length > 0)) {
    const typed = typedValues(name, args);
    if (typed.length > 1 && Array.isArray(values[name]) && !array.includes(name)) {
      throw new UsageError(`--${name} was given ${typed.length} times, but takes one value.`);
    }
    if (number.includes(name) && Number.isNaN(values[name])) {
      throw new UsageError(`--${name} must be a number, but is "${typed[0]}".`);
    }
    if (boolean.includes(name)) requireNoValue(name, args);
  }
}

/** What stands behind the option each time it was given. */
function typedValues(name: string, args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg === `--${name}`) return [args[index + 1] ?? ''];
    return arg.startsWith(`--${name}=`) ? [arg.slice(name.length + 3)] : [];
  });
}

function requireNoValue(name: string, args: readonly string[]): void {
  const given = args.find((arg) => arg.startsWith(`--${name}=`) && !/=(?:true|false)$/.test(arg));
  if (given !== undefined) throw new UsageError(`--${name} is a switch and takes no value, but was given "${given}".`);
}
