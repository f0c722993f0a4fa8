/** All commands: what help says of each, and where the rest is, which is loaded once the command is named. */

import type { CommandModule } from 'yargs';

/** A command's options, and what it does. */
export type CommandBody = Pick<CommandModule, 'builder' | 'handler'>;

interface ListedCommand {
  /** Its name, and its arguments as yargs writes them. */
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<CommandBody>;
}

const listed: readonly ListedCommand[] = [
  {
    command: 'run [file]',
    describe: 'an experiment: train, attack, score; CSV, pictures and a table',
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    command: 'report <dir>',
    describe: 'tables, figures and comparisons for a paper, and a page, from results',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  {
    command: 'repro <run>',
    describe: 'run a finished run once more, and compare every figure',
    load: async () => (await import('./repro.ts')).reproCommand,
  },
  {
    command: 'cost <file>',
    describe: 'what an experiment would send in one global epoch, with every trainer',
    load: async () => (await import('./cost.ts')).costCommand,
  },
  {
    command: 'account',
    describe: 'ε of DP-SGD, and the noise, steps, rate or δ for a target ε',
    load: async () => (await import('./account.ts')).accountCommand,
  },
  {
    command: 'certify',
    describe: 'certified radius of predictions under noise, from votes',
    load: async () => (await import('./certify.ts')).certifyCommand,
  },
  {
    command: 'audit',
    describe: 'lower bounds of ε from what an attacker achieved',
    load: async () => (await import('./audit.ts')).auditCommand,
  },
  {
    command: 'list <kind>',
    describe: 'what there is to choose from',
    load: async () => (await import('./list.ts')).listCommand,
  },
  {
    command: 'show <kind> [name]',
    describe: 'what one model, attack, defense, data set or trainer is; the keys of an experiment file',
    load: async () => (await import('./show.ts')).showCommand,
  },
  {
    command: 'new <kind> <name>',
    describe: 'a working, tested skeleton: an experiment anywhere; an attack or a defense in a clone of the repository',
    load: async () => (await import('./new.ts')).newCommand,
  },
  {
    command: 'cache',
    describe: 'trained victims and recorded views that runs keep for each other',
    load: async () => (await import('./cache.ts')).cacheCommand,
  },
  {
    command: 'doctor',
    describe: 'whether everything is there and computes rightly',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    command: 'bench [names..]',
    describe: 'time what counts, beside another framework where it is installed',
    load: async () => (await import('./bench.ts')).benchCommand,
  },
];

/** A command that is not named cannot be run. */
const notNamed: CommandBody = { handler: () => {} };

/**
 * For yargs: all commands, with the bodies of those whose names are among the arguments. Loading all would take longer than
 * `cutlayer --help` may.
 */
export function commandsNamed(args: readonly string[]): Promise<CommandModule[]> {
  return Promise.all(
    listed.map(async ({ command, describe, load }) => {
      const body = args.includes(firstWord(command)) ? await load() : notNamed;
      return { command, describe, ...body };
    }),
  );
}

/** The name of a command, without its arguments. */
export function firstWord(synopsis: CommandModule['command']): string {
  return String(synopsis ?? '').split(' ')[0] ?? '';
}
