/** Runs one command by itself, as the command line would. */

import yargs from 'yargs';
import type { CommandBody } from '../commands.ts';
import { withGlobalOptions } from '../global-options.ts';

/** What the command prints; its name is the first argument. Rejects with what it throws. */
export async function runCommand(body: CommandBody, ...args: string[]): Promise<string> {
  const original = process.stdout.write;
  let text = '';
  process.stdout.write = ((chunk: string | Uint8Array) => {
    text += chunk.toString();
    return true;
  }) as typeof process.stdout.write;
  try {
    const line = withGlobalOptions(yargs(args).exitProcess(false).strict()).command({ ...body, command: args[0] });
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
export async function jsonOf<Answer>(body: CommandBody, ...args: string[]): Promise<Answer> {
  return JSON.parse(await runCommand(body, ...args, '--json')) as Answer;
}

/** The error with which it refuses. */
export async function refusalOf(body: CommandBody, ...args: string[]): Promise<Error> {
  try {
    await runCommand(body, ...args);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`"${args.join(' ')}" was not refused`);
}
