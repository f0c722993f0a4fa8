/** Commands that there are not, where help is asked for: yargs then shows that of the command around them, as if all were well. */

import type { CommandModule } from 'yargs';
import { firstWord } from './commands.ts';
import { explainRequest } from './explain-request.ts';
import { UsageError } from './usage-error.ts';
import { yargs } from './yargs.ts';

/** Throws a UsageError for `lsit --help` and `account epslon --help`. Without --help yargs itself refuses them. */
export function requireKnownHelp(args: readonly string[], commands: readonly CommandModule[]): void {
  if (!args.includes('--help')) return;
  const words = args.filter((arg, index) => !arg.startsWith('-') && !mayBeValue(args, index));
  const [word, next] = words;
  const known = commands.find((command) => wordOf(command) === word);
  const names = known ? subcommandsOf(known) : ['completion', ...commands.map(wordOf)];
  if (names.length > 0) requireOneOf(known ? next : word, { command: known ? wordOf(known) : '', names });
}

/** The word behind an option. */
function mayBeValue(args: readonly string[], index: number): boolean {
  const before = args[index - 1];
  return before?.startsWith('-') === true && !before.includes('=');
}

function requireOneOf(
  word: string | undefined,
  { command, names }: { command: string; names: readonly string[] },
): void {
  if (word === undefined || names.includes(word)) return;
  const context = { args: [word], command, synopsis: command, commands: names, options: [] };
  throw new UsageError(explainRequest(`Unknown argument: ${word}`, context));
}

const wordOf = ({ command }: CommandModule): string => firstWord(command);

/** What yargs knows of a command's own commands; its types leave this out. */
interface Internals {
  getInternalMethods(): { getUsageInstance(): { getCommands(): readonly (readonly [synopsis: string])[] } };
}

function subcommandsOf({ builder }: CommandModule): string[] {
  const own = yargs([]);
  if (typeof builder === 'function') builder(own);
  const usage = (own as unknown as Internals).getInternalMethods().getUsageInstance();
  return usage.getCommands().map(([synopsis]) => firstWord(synopsis));
}
