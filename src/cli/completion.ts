/** What the shell offers behind a command: names of the catalogues and files. Options and commands are completed by yargs. */

import { readdirSync } from 'node:fs';
import type { Argv } from 'yargs';
import { entriesOf, type Kind, kinds, plurals, singularOf } from './kinds.ts';
import { newKinds } from './new/names.ts';

/** What may stand behind the words after a command; undefined where yargs knows better. */
type Offer = (before: readonly string[], current: string) => Promise<readonly string[]> | readonly string[] | undefined;

const offers: Readonly<Record<string, Offer>> = {
  list: (before) => firstOnly(before, () => plurals),
  show: ([kind, ...more]) => {
    if (kind === undefined) return [...kinds, 'experiment'];
    const known = kinds.find((candidate) => candidate === singularOf(kind));
    return known && firstOnly(more, () => namesOf(known));
  },
  new: (before) => firstOnly(before, () => newKinds),
  run: (before, current) => firstOnly(before, () => experimentFiles(current)),
  cost: (before, current) => firstOnly(before, () => experimentFiles(current)),
  report: (before) => firstOnly(before, resultFolders),
};

function firstOnly<T>(before: readonly string[], offer: () => T): T | undefined {
  return before.length === 0 ? offer() : undefined;
}

/** How the script that yargs prints asks for what may stand next. */
export const completionRequest = '--get-yargs-completions';

/**
 * Answers that script, a line for each. Parsed in the ordinary way, the command would run in the end, since yargs may not end the
 * process here.
 *
 * @param line Made for `words` behind `completionRequest`.
 * @param words As typed, the command first.
 */
export async function printCompletions(line: Argv, words: readonly string[]): Promise<0> {
  const print = (_: Error | null, offered: readonly string[] = []) => {
    for (const text of offered) process.stdout.write(`${text}\n`);
  };
  try {
    await line.getCompletion([...words], print);
  } catch {} // a line that is still being typed may be wrong
  return 0;
}

/**
 * For yargs' `completion`.
 * @param current The word at hand; empty where none is begun.
 * @param values `_`: the words so far, as the shell has them, `cutlayer` first; values of options are not among them.
 */
export async function complete(
  current: string,
  { _: values }: { readonly _: readonly (string | number)[] },
  useDefaults: () => void,
  done: (completions: string[]) => void,
): Promise<void> {
  const [, command = '', ...rest] = values.map(String);
  const isArgument = rest.at(-1) === current; // neither the command itself nor an option or its value
  const offered = isArgument ? await offers[command]?.(rest.slice(0, -1), current) : undefined;
  if (offered === undefined) useDefaults();
  else done(offered.filter((text) => text.startsWith(current)));
}

async function namesOf(kind: Kind): Promise<readonly string[]> {
  return (await entriesOf(kind)).map(({ name }) => name);
}

/** YAML files in the folder that is typed; where nothing is, those here and in `experiments`. */
function experimentFiles(current: string): string[] {
  const typed = current.slice(0, current.lastIndexOf('/') + 1);
  return (typed === '' ? ['', 'experiments/'] : [typed]).flatMap((folder) =>
    listed(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => `${folder}${name}`),
  );
}

function resultFolders(): string[] {
  const folder = 'results/runs/';
  return listed(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => `${folder}${name}`);
}

/** Where there is nothing to read, there is nothing to offer. */
function listed(folder: string): string[] {
  try {
    return readdirSync(folder === '' ? '.' : folder).sort();
  } catch {
    return [];
  }
}
