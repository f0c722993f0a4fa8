/** The command line as a whole: all commands, the options they share, and what becomes of errors. */

import type { Argv, CommandModule } from 'yargs';
import { checkValues, type OptionTypes } from './check-values.ts';
import { commandsNamed, firstWord } from './commands.ts';
import { complete, completionRequest, printCompletions } from './completion.ts';
import { explainRequest } from './explain-request.ts';
import { withGlobalOptions } from './global-options.ts';
import { requireKnownHelp } from './unknown-command.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';
import { yargs } from './yargs.ts';

/** Runs one command line. Gives the exit status: 0 done, 1 failed, 2 a wrong request, 130 interrupted. */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    const commands = await commandsNamed(args);
    if (args[0] === completionRequest) return await printCompletions(commandLine(args, commands), args.slice(1));
    requireCommandFirst(args);
    requireKnownHelp(args, commands);
    await commandLine(args, commands).parseAsync();
    return 0;
  } catch (error) {
    process.stderr.write(`cutlayer: ${textOf(error, args.includes('--verbose'))}\n`);
    return statusOf(error);
  }
}

/** yargs takes what follows "--" for a command that needs no check. */
function requireCommandFirst(args: readonly string[]): void {
  const rest = args.find((arg) => arg === '--' || !arg.startsWith('-'));
  if (rest === '--') throw new UsageError('"--" must follow a command.\n"cutlayer --help" lists the commands.');
}

function commandLine(args: readonly string[], commands: readonly CommandModule[]): Argv {
  const line = yargs([...args]);
  const parser = line
    .scriptName('cutlayer')
    .locale('en') // errors are put into words from English
    .usage('$0 <command>\n\nA laboratory for privacy in split and federated learning.')
    .parserConfiguration({ 'dot-notation': false })
    .exitProcess(false)
    .version(version())
    .strict()
    .demandCommand(1, 'A command is missing.')
    .check((values, types: unknown) => {
      checkValues(values, types as OptionTypes, args);
      return true;
    })
    .completion('completion', 'print a script that completes commands, names and files in bash and zsh', complete)
    .fail((message: string | null, error: Error | undefined, usage: unknown) => {
      if (error && error.name !== 'YError') throw error;
      const refusal = message ?? error?.message ?? 'The request was refused.';
      const words = args.filter((arg) => !arg.startsWith('-') && !refusal.split(/[:,] /).includes(arg));
      const known = { line: line as unknown as OptionList, usage: usage as CommandList, commands };
      throw new UsageError(explainRequest(refusal, { args, ...contextOf(words, known) }));
    });
  withoutKeptHelp(line);
  ownOptionsFirst(line);
  return commands.reduce((all: Argv, command) => all.command(command), withGlobalOptions(parser));
}

/** yargs puts help into words before each command it runs, for a handler that may show it. None of ours does, and it takes 50 ms. */
function withoutKeptHelp(line: Argv): void {
  const usage = (line as unknown as Internals).getInternalMethods().getUsageInstance();
  usage.cacheHelpMessage = () => {};
}

/** In help, yargs shows the options that are in no group last, and those of a command are in none. */
function ownOptionsFirst(line: Argv): void {
  const groups = line as unknown as Groups;
  const given = groups.getGroups.bind(line);
  groups.getGroups = () => ({ 'Positionals:': [], 'Options:': [], ...given() });
}

/** What yargs knows of the command at hand; its types leave these out. */
interface Internals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}
interface OptionList {
  getOptions(): { readonly key: Readonly<Record<string, unknown>> };
}
interface Groups {
  getGroups: () => Readonly<Record<string, readonly string[]>>;
}
interface CommandList {
  getCommands(): readonly (readonly [synopsis: string, ...rest: unknown[]])[];
}

/** @param words What was given and not refused, but for options. */
function contextOf(
  words: readonly string[],
  { line, usage, commands }: { line: OptionList; usage: CommandList; commands: readonly CommandModule[] },
) {
  const named = (word: string) => commands.find((known) => firstWord(known.command) === word)?.command;
  const synopsis = words.map(named).find((found) => found !== undefined);
  const next = usage.getCommands().map(([known]) => firstWord(known));
  return {
    command: commandWords(String(synopsis ?? ''), words, next),
    synopsis: String(synopsis ?? '<command>'),
    commands: next,
    options: Object.keys(line.getOptions().key),
  };
}

/** The command, with its subcommand where one was found: then none may follow, and the command itself takes no arguments. */
function commandWords(synopsis: string, words: readonly string[], next: readonly string[]): string {
  const command = firstWord(synopsis);
  const hasSubcommands = synopsis !== '' && synopsis === command && next.length === 0;
  const subcommand = hasSubcommands ? words[words.indexOf(command) + 1] : undefined;
  return subcommand === undefined ? command : `${command} ${subcommand}`;
}

function textOf(error: unknown, isVerbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return isVerbose ? (error.stack ?? error.message) : error.message;
}

/** By name, so that nothing of the lab is loaded for a command that does not need it. */
const statusByName: Readonly<Record<string, number>> = {
  UsageError: 2,
  ConfigError: 2, // the lab's word for an experiment that is wrong
  ResultsError: 2, // a folder that holds no results, or damaged ones
  Interrupted: 130,
};

function statusOf(error: unknown): number {
  return error instanceof Error ? (statusByName[error.name] ?? 1) : 1;
}
