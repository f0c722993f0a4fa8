/** `cutlayer repro RUN`: a finished run once more, compared figure by figure. */

import { counted } from '../arrays/counted.ts';
import type { EngineName } from '../compile/engine.ts';
import type { Reproduction } from '../lab/repro.ts';
import type { StoredRun } from '../lab/results/store.ts';
import { asUsageError } from './as-usage-error.ts';
import type { CommandBody } from './commands.ts';
import { print } from './output.ts';
import { table } from './table.ts';
import { warn } from './warn.ts';
import { workerUrl } from './worker-url.ts';

interface ReproArguments {
  readonly run: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const reproCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('run', {
        type: 'string',
        demandOption: true,
        describe: 'folder of the run, as in DIR/<name>/runs/<id>',
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
  handler: (args) => repro(args as unknown as ReproArguments),
};

async function repro({ run, json, quiet }: ReproArguments): Promise<void> {
  const [{ readStoredRun }, { reproduce }, { conditionsOf, otherMachine }] = await Promise.all([
    import('../lab/results/store.ts'),
    import('../lab/repro.ts'),
    import('../lab/results/conditions.ts'),
  ]);
  const stored = asUsageError(() => readStoredRun(run));
  const now = conditionsOf({ ...stored.conditions, engine: stored.conditions.engine as EngineName });
  warn([
    ...doubtsAbout(stored, now.code),
    ...otherMachine({ ...stored.conditions, code: now.code }, now).map(madeWith),
  ]);
  const onProgress = (phase: string, share: number) => {
    if (!quiet && share === 1) process.stderr.write(`${phase} done\n`);
  };
  const options = {
    worker: workerUrl(),
    signal: new AbortController().signal,
    onProgress,
    onWarning: (message: string) => warn([message]),
  };
  const reproduction = await reproduce(stored, options);
  print(json, reproduction, linesOf(reproduction));
  const { differences, compared } = reproduction;
  if (differences.length > 0) throw new Error(`${differences.length} of ${compared} figures differ.`);
}

const madeWith = (difference: string) => `the run was made with ${difference}, which may give other figures.`;

/** Why figures may differ without anything being wrong. */
function doubtsAbout({ conditions, result }: StoredRun, code: string): string[] {
  const isOther = conditions.code !== code;
  const isSecure = result.noiseSource === 'secure';
  return [
    ...(isOther
      ? [`the run was made by other code (${conditions.code}; this is ${code}), which may give other figures.`]
      : []),
    ...(isSecure
      ? ['the run drew its noise from the operating system, which cannot be drawn again: figures will differ.']
      : []),
  ];
}

const shownDifferences = 20;

function linesOf({ compared, differences }: Reproduction): string[] {
  if (differences.length === 0) return [`${counted(compared, 'figure')} compared, all the same.`];
  const rows = differences
    .slice(0, shownDifferences)
    .map(({ path, before, after }) => [path, String(before), String(after)]);
  const more = differences.length - rows.length;
  return [...table([['figure', 'before', 'after'], ...rows], [1, 2]), ...(more > 0 ? [`and ${more} more`] : [])];
}
