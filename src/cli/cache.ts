/** `cutlayer cache list|prune`: trained victims and recorded views that runs keep for each other. */

import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { counted } from '../arrays/counted.ts';
import { print } from './output.ts';
import { secondsOf } from './seconds.ts';
import { table } from './table.ts';

interface CacheArguments {
  readonly cache: string;
  readonly json: boolean;
}

interface PruneArguments extends CacheArguments {
  readonly olderThan: number;
}

export const cacheCommand: CommandModule = {
  command: 'cache',
  describe: 'trained victims and recorded views that runs keep for each other',
  builder: (yargs) => yargs.command(listEntries).command(pruneOld).demandCommand(1, 'cache needs "list" or "prune".'),
  handler: () => {},
};

const withFolder = (yargs: Argv) =>
  yargs
    .option('cache', {
      type: 'string',
      requiresArg: true,
      default: join('results', 'runs', '.phases'),
      describe: 'the folder',
    })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });

const listEntries: CommandModule = {
  command: 'list',
  describe: 'what is kept, the oldest first',
  builder: withFolder,
  handler: async (args) => {
    const { cache, json } = args as unknown as CacheArguments;
    const { storedEntries } = await import('../lab/phases/stored-entries.ts');
    const entries = storedEntries(cache);
    const rows = entries.map(({ phase, key, bytes, ageDays }) => [
      `${phase}-${key}`,
      megabytes(bytes),
      `${ageDays.toFixed(1)} days`,
    ]);
    print(json, { cache, entries }, [...table(rows, [1, 2]), totalOf(entries, `in ${cache}`)]);
  },
};

const pruneOld: CommandModule = {
  command: 'prune',
  describe: 'remove what was not used for a while; it is made again where a run needs it',
  builder: (yargs) =>
    withFolder(yargs).option('older-than', {
      type: 'string',
      requiresArg: true,
      default: '30d',
      describe: 'last used before: 12h, 30d; 0s: everything',
      coerce: secondsOf('--older-than', { least: 0 }),
    }),
  handler: async (args) => {
    const { cache, json, olderThan } = args as unknown as PruneArguments;
    const { pruneEntries } = await import('../lab/phases/stored-entries.ts');
    const removed = pruneEntries(cache, olderThan / 86_400);
    print(json, { cache, removed }, [totalOf(removed, `removed from ${cache}`)]);
  },
};

function totalOf(entries: readonly { readonly bytes: number }[], where: string): string {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return `${counted(entries.length, 'outcome')} of phases, ${megabytes(bytes)} ${where}`;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
