/** `cutlayer list attacks|defenses|models|datasets|trainers`: names with one line each. */

import type { CommandBody } from './commands.ts';
import { entriesOf, type Kind, kinds, pluralOf, plurals } from './kinds.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';
import { table } from './table.ts';

export const listCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('kind', { describe: plurals.join(', '), type: 'string', demandOption: true })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' })
      .example('$0 list attacks', 'names with one line each'),
  handler: async ({ kind: given, json }) => {
    const plural = oneOf('kind', pluralOf(given), plurals);
    const entries = await entriesOf(kindOf(plural));
    const rows = entries.map(({ name, summary }) => ({ name, summary }));
    print(json === true, rows, [...table(rows.map(({ name, summary }) => [name, summary])), more(plural)]);
  },
};

function kindOf(plural: string): Kind {
  return kinds.find((kind) => `${kind}s` === plural) ?? 'attack';
}

function more(plural: string): string {
  return `\n"cutlayer show ${kindOf(plural)} NAME" says more of one.`;
}
