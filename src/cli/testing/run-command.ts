/** Runs one command by itself, as the command line would. */

import yargs, { type CommandModule } from 'yargs';

/** What the command prints. Rejects with what it throws. */
export async function runCommand(command: CommandModule, ...args: string[]): Promise<string> {
  const original = process.stdout.write;
  let text = '';
  process.stdout.write = ((chunk: string | Uint8Array) => {
    text += chunk.toString();
    return true;
  }) as typeof process.stdout.write;
  try {
    const line = yargs(args).exitProcess(false).strict().command(command);
    await line
      .fail((message: string | null, error: Error | undefined) => {
        throw error ?? new Error(message ?? 'refused');
      })
      .parseAsync();
    return text;
  } finally {
    process.stdout.write = original;
  }
}

/** The one JSON document that it prints. */
export async function jsonOf<Answer>(command: CommandModule, ...args: string[]): Promise<Answer> {
  return JSON.parse(await runCommand(command, ...args, '--json')) as Answer;
}

/** The error with which it refuses. */
export async function refusalOf(command: CommandModule, ...args: string[]): Promise<Error> {
  try {
    await runCommand(command, ...args);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`"${args.join(' ')}" was not refused`);
}
