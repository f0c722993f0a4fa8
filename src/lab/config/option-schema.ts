/** Tables of options as schemas: what is allowed is said once, for checking, for messages and for help. */

import { z } from 'zod';
import type { NumberOption, NumbersOption, OptionSpec } from '../../contracts/options.ts';
import { didYouMean } from './did-you-mean.ts';
import { evaluated, expressionProblem, looksLikeExpression } from './expression.ts';

/** «a whole number from 1 to 11», «one of laplace, gaussian», … */
export function allowedValues(spec: OptionSpec): string {
  switch (spec.type) {
    case 'boolean':
      return 'true or false';
    case 'choice':
      return spec.choices.length === 1 ? `${spec.choices[0]}` : `one of ${spec.choices.join(', ')}`;
    case 'numbers':
      return `a list of numbers${spec.above === undefined ? '' : ` above ${spec.above}`}`;
    default:
      return allowedNumbers(spec);
  }
}

function allowedNumbers({ type, min, max, above, below, infinite }: NumberOption): string {
  const bounds = [
    min !== undefined && max !== undefined ? `from ${min} to ${max}` : undefined,
    min !== undefined && max === undefined ? `from ${min} on` : undefined,
    above !== undefined ? `above ${above}` : undefined,
    min === undefined && max !== undefined ? `up to ${max}` : undefined,
    below !== undefined ? `below ${below}` : undefined,
  ].filter((bound) => bound !== undefined);
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  return [kind, bounds.join(' and '), infinite ? 'or .inf' : ''].filter((part) => part !== '').join(' ');
}

function fits(spec: OptionSpec, value: unknown): boolean {
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && spec.choices.includes(value);
    case 'numbers':
      return Array.isArray(value) && value.length > 0 && value.every((each) => numberIn(spec, each));
    default:
      return typeof value === 'number' && numberFits(spec, value);
  }
}

function numberIn({ above }: NumbersOption, value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && !(above !== undefined && value <= above);
}

function numberFits({ type, min, max, above, below, infinite }: NumberOption, value: number): boolean {
  if (value === Number.POSITIVE_INFINITY) return infinite === true;
  if (!Number.isFinite(value) || (type === 'integer' && !Number.isSafeInteger(value))) return false;
  return !(
    (min !== undefined && value < min) ||
    (max !== undefined && value > max) ||
    (above !== undefined && value <= above) ||
    (below !== undefined && value >= below)
  );
}

/** One option; its default filled in, or absent where it has none. Carries what `reference.ts` says of it. */
export function optionSchema(spec: OptionSpec): z.ZodType {
  const value = fitting(spec);
  const schema = spec.default === undefined ? value.optional() : value.default(spec.default);
  return schema.meta({ description: spec.description, allowed: allowedValues(spec), preset: presetOf(spec) });
}

/** The same, where it must be there. */
export function requiredSchema(spec: OptionSpec): z.ZodType {
  return fitting(spec).meta({ description: spec.description, allowed: allowedValues(spec), required: true });
}

function fitting(spec: OptionSpec) {
  const value = z.custom((given) => fits(spec, given), { error: ({ input }) => refusal(spec, input) });
  return spec.type === 'number' || spec.type === 'integer' ? z.preprocess(evaluated, value) : value;
}

/** The default as one writes it in YAML. */
function presetOf({ default: preset }: OptionSpec): string {
  if (preset === undefined) return '';
  return preset === Number.POSITIVE_INFINITY ? '.inf' : String(preset);
}

function refusal(spec: OptionSpec, given: unknown): string {
  return `must be ${allowedValues(spec)}, but is ${shown(given)}${hintFor(spec, given)}`;
}

/** The full stop included. */
function hintFor(spec: OptionSpec, given: unknown): string {
  if (typeof given !== 'string') return '.';
  if (spec.type === 'choice') return `.${didYouMean(given, spec.choices)}`;
  const isNumeric = spec.type === 'number' || spec.type === 'integer';
  return isNumeric && looksLikeExpression(given) ? ` (${expressionProblem(given)}).` : '.';
}

/** A value as a person wrote it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export type Shape = Readonly<Record<string, z.ZodType>>;

export function optionsShape(table: Readonly<Record<string, OptionSpec>>): Shape {
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, optionSchema(spec)]));
}

/** A record of exactly these keys. Of unknown keys the message is the list of known ones; see `problemsOf`. */
export function record(shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code, input }) =>
      code === 'unrecognized_keys'
        ? keys.join(', ')
        : `must be a record of ${keys.join(', ')}, but is ${shown(input)}.`,
  });
}

/** One of several records, told apart by `name`. */
export function byName(entries: readonly { readonly name: string; readonly shape: Shape }[]) {
  const names = entries.map(({ name }) => name);
  const [first, ...others] = entries.map(({ name, shape }) => record({ name: z.literal(name), ...shape }));
  if (!first) throw new RangeError('byName needs at least one entry.');
  return z.discriminatedUnion('name', [first, ...others] as unknown as [NamedRecord, ...NamedRecord[]], {
    error: ({ code, input }) => (code === 'invalid_union' ? unknownName(input, names) : notNamed(input, names)),
  });
}

/** The same, where a record without a name is one of the default's. */
export function byNameOr(defaultName: string, entries: Parameters<typeof byName>[0]) {
  return z.preprocess((given) => (isNameless(given) ? { name: defaultName, ...given } : given), byName(entries));
}

function isNameless(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given) && !('name' in given);
}

type NamedRecord = z.ZodObject<{ name: z.ZodLiteral<string> }>;

function unknownName(input: unknown, names: readonly string[]): string {
  const given = (input as { readonly name?: unknown })?.name;
  const hint = typeof given === 'string' ? didYouMean(given, names) : '';
  return `must be one of ${names.join(', ')}, but is ${shown(given)}.${hint}`;
}

function notNamed(input: unknown, names: readonly string[]): string {
  return `must be a record with the key "name" (one of ${names.join(', ')}), but is ${shown(input)}.`;
}
