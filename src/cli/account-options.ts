/** The choices of `cutlayer account`: accountant, adjacency, and those of Rényi DP. */

import type { Argv } from 'yargs';
import { ACCOUNTANTS, CONVERSIONS, ORDER_GRIDS, type Orders, optionsIn } from '../accounting/index.ts';
import type { Adjacency } from '../contracts/event.ts';
import type { Choices } from './account-request.ts';

export const ADJACENCIES = ['add-or-remove', 'replace-one', 'zero-out'] as const satisfies readonly Adjacency[];

/** What all questions have in common, but for the accountant. */
export function withGeneral<T>(yargs: Argv<T>) {
  return yargs
    .option('adjacency', { choices: ADJACENCIES, describe: 'default: add-or-remove' })
    .option('records-per-user', {
      type: 'number',
      describe: 'ε of a user with so many records, sampled independently; default: of one record',
    })
    .option('orders', {
      choices: ORDER_GRIDS,
      describe: 'Rényi orders of rdp; default: all real ones, which is tighter',
    })
    .option('conversion', {
      choices: CONVERSIONS,
      describe: 'from rdp to ε; default: improved (classic: Mironov 2017)',
    })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });
}

export function withChoices<T>(yargs: Argv<T>) {
  return withGeneral(yargs).option('accountant', {
    choices: ACCOUNTANTS,
    describe: 'default: the tightest that applies',
  });
}

/** The choices among the flags of a command, without those that were left out. */
export function choicesOf(flags: Partial<{ readonly [K in keyof Choices]: Choices[K] | undefined }>): Choices {
  const { recordsPerUser } = flags;
  return { ...optionsIn(flags), ...(recordsPerUser !== undefined && { recordsPerUser }) };
}

type Fields = Readonly<Record<string, unknown>>;

/** A field that is one of these names; nothing where it is left out or null. Throws a RangeError for another. */
function nameIn<K extends string, T extends string>(fields: Fields, key: K, names: readonly T[]): { [P in K]?: T } {
  const value = fields[key];
  if (value === undefined || value === null) return {};
  const known = names.find((name) => name === value);
  if (known !== undefined) return { [key]: known } as { [P in K]?: T };
  throw new RangeError(`${key} must be one of ${names.join(', ')}, but is ${JSON.stringify(value)}.`);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'number');
}

function recordsIn({ recordsPerUser: value }: Fields): Pick<Choices, 'recordsPerUser'> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'number') return { recordsPerUser: value };
  throw new RangeError(`recordsPerUser must be a number, but is ${JSON.stringify(value)}.`);
}

/** The choices among the fields of a JSON request; `orders` may also be a list of numbers. */
export function choicesIn(fields: Fields): Choices {
  const { orders } = fields;
  const chosen: { orders?: Orders } = isNumbers(orders) ? { orders } : nameIn(fields, 'orders', ORDER_GRIDS);
  return {
    ...nameIn(fields, 'accountant', ACCOUNTANTS),
    ...nameIn(fields, 'adjacency', ADJACENCIES),
    ...nameIn(fields, 'conversion', CONVERSIONS),
    ...recordsIn(fields),
    ...chosen,
  };
}
