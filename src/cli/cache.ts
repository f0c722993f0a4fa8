/** `cutlayer cache list|prune`: trained victims and recorded views that runs keep for each other. */

import { existsSync } from 'node:fs';
import type { Argv, CommandModule } from 'yargs';
import { counted } from '../arrays/counted.ts';
import type { CommandBody } from './commands.ts';
import { print } from './output.ts';
import { cacheFolder, defaultOut } from './run-options.ts';
import { secondsOf } from './seconds.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

interface CacheArguments {
  readonly out: string | undefined;
  readonly cache: string | undefined;
  readonly json: boolean;
}

interface PruneArguments extends CacheArguments {
  readonly olderThan: number;
}

export const cacheCommand: CommandBody = {
  builder: (yargs) => yargs.command(listEntries).command(pruneOld).demandCommand(1, 'cache needs "list" or "prune".'),
  handler: () => {},
};

const withFolder = (yargs: Argv) =>
  yargs
    .positional('out', { type: 'string', describe: `what "cutlayer run" was given as --out; default: ${defaultOut}` })
    .option('cache', { type: 'string', requiresArg: true, describe: 'what it was given as --cache, if anything' })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });

/** The folder where `cutlayer run` with the same options keeps phases. @throws UsageError where one was named that is not there. */
function folderOf({ out, cache }: CacheArguments): string {
  if (out !== undefined && cache !== undefined) {
    throw new UsageError(`name the folder of results ("${out}") or its cache (--cache "${cache}"), not both.`);
  }
  const folder = cacheFolder({ out: out ?? defaultOut, cache }) ?? 'none';
  const isNamed = out !== undefined || cache !== undefined;
  if (!isNamed || existsSync(folder)) return folder;
  throw new UsageError(
    `there is no folder "${folder}". Name what "cutlayer run" was given as --out, or as --cache with --cache.`,
  );
}

const listEntries: CommandModule = {
  command: 'list [out]',
  describe: 'what is kept, the oldest first',
  builder: withFolder,
  handler: async (args) => {
    const { json } = args as unknown as CacheArguments;
    const cache = folderOf(args as unknown as CacheArguments);
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
  command: 'prune [out]',
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
    const { json, olderThan } = args as unknown as PruneArguments;
    const cache = folderOf(args as unknown as CacheArguments);
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
