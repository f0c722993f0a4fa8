/** The command line as a whole: all commands, the options they share, and what becomes of errors. */

import yargs, { type Argv, type CommandModule } from 'yargs';
import { accountCommand } from './account.ts';
import { benchCommand } from './bench.ts';
import { costCommand } from './cost.ts';
import { doctorCommand } from './doctor.ts';
import { explainRequest } from './explain-request.ts';
import { withGlobalOptions } from './global-options.ts';
import { Interrupted } from './interrupted.ts';
import { listCommand } from './list.ts';
import { runCommand } from './run.ts';
import { showCommand } from './show.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

// Each loads what it needs when it runs: TensorFlow.js alone takes longer than `cutlayer --help` may.
const commands: readonly CommandModule[] = [
  runCommand,
  costCommand,
  accountCommand,
  listCommand,
  showCommand,
  doctorCommand,
  benchCommand,
];

/** Runs one command line. Gives the exit status: 0 done, 1 failed, 2 a wrong request, 130 interrupted. */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    await commandLine(args).parseAsync();
    return 0;
  } catch (error) {
    process.stderr.write(`cutlayer: ${textOf(error, args.includes('--verbose'))}\n`);
    return statusOf(error);
  }
}

function commandLine(args: readonly string[]): Argv {
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
    .completion('completion', 'print a script that completes commands in bash and zsh')
    .fail((message: string | null, error: Error | undefined, usage: unknown) => {
      if (error && error.name !== 'YError') throw error;
      const context = contextOf(args, line as unknown as OptionList, usage as CommandList);
      throw new UsageError(explainRequest(message ?? error?.message ?? 'The request was refused.', context));
    });
  return commands.reduce((all: Argv, command) => all.command(command), withGlobalOptions(parser));
}

/** What yargs knows of the command at hand; its types leave these out. */
interface OptionList {
  getOptions(): { readonly key: Readonly<Record<string, unknown>> };
}
interface CommandList {
  getCommands(): readonly (readonly [synopsis: string, ...rest: unknown[]])[];
}

function contextOf(args: readonly string[], line: OptionList, usage: CommandList) {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const command = commands.find((known) => words.includes(firstWord(known.command)))?.command;
  return {
    args,
    command: firstWord(command),
    synopsis: String(command ?? '<command>'),
    commands: usage.getCommands().map(([synopsis]) => firstWord(synopsis)),
    options: Object.keys(line.getOptions().key),
  };
}

function firstWord(synopsis: CommandModule['command']): string {
  return String(synopsis ?? '').split(' ')[0] ?? '';
}

function textOf(error: unknown, isVerbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return isVerbose ? (error.stack ?? error.message) : error.message;
}

/** ConfigError is the lab's word for an experiment file that is wrong. */
function statusOf(error: unknown): 1 | 2 | 130 {
  if (error instanceof Interrupted) return 130;
  const isRequest = error instanceof UsageError || (error instanceof Error && error.name === 'ConfigError');
  return isRequest ? 2 : 1;
}
