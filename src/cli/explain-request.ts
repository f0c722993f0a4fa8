/** Puts what yargs refuses into a message that says what was given, what is allowed, and what to do. */

import { didYouMean } from '../lab/config/did-you-mean.ts';
import { flagOf } from './flag-of.ts';

export interface RequestContext {
  /** The command line, as it was given. */
  readonly args: readonly string[];
  /** The command, where one was recognized. */
  readonly command: string;
  /** With its arguments: `show <kind> <name>`. */
  readonly synopsis: string;
  /** Names of the (sub)commands that may come next. */
  readonly commands: readonly string[];
  /** Names of the options that this command takes, without dashes. */
  readonly options: readonly string[];
}

/** @param message What yargs says, in English. */
export function explainRequest(message: string, context: RequestContext): string {
  return `${reworded(message, context)}\n"cutlayer ${context.command}${context.command && ' '}--help" says what it takes.`;
}

function reworded(message: string, context: RequestContext): string {
  const unknown = listAfter(/^Unknown (?:argument|command)s?: (.*)$/, message);
  if (unknown) return unknownWords(unknown, context);
  const missing = listAfter(/^Missing required arguments?: (.*)$/, message);
  if (missing) return `${titleOf(context)} needs ${missing.map((name) => `--${name}`).join(', ')}.`;
  const valueless = listAfter(/^Not enough arguments following: (.*)$/, message);
  if (valueless) return `--${valueless.join(', --')} needs a value.`;
  const choice = /Argument: (.*), Given: "?(.*?)"?, Choices: (.*)/.exec(message);
  if (choice) return notAChoice(choice[1] ?? '', choice[2] ?? '', choice[3] ?? '');
  if (message.startsWith('Not enough non-option arguments')) {
    return `${titleOf(context)} needs more arguments: cutlayer ${context.synopsis}.`;
  }
  return message;
}

function listAfter(pattern: RegExp, message: string): string[] | undefined {
  return pattern.exec(message)?.[1]?.split(', ');
}

function titleOf({ command }: RequestContext): string {
  return `"cutlayer${command && ' '}${command}"`;
}

/**
 * yargs lists `dry-run` and `dryRun` for one option: only what was typed counts. Of an unknown command nothing else is said, since
 * the rest may be its own; of an unknown option neither, since the word behind it may be its value.
 */
function unknownWords(names: readonly string[], context: RequestContext): string {
  const words = context.args.filter((arg) => names.includes(arg)).map((word) => unknownWord(word, context));
  if (context.command === '' && words[0] !== undefined) return words[0];
  const options = context.args
    .filter((arg) => names.some((name) => isOption(arg, name)))
    .map((arg) => unknownOption(arg.split('=')[0] ?? arg, context));
  const sentences = options.length > 0 ? options : words.slice(0, 1);
  return sentences.length > 0 ? [...new Set(sentences)].join('\n') : `unknown: ${names.join(', ')}.`;
}

function isOption(arg: string, name: string): boolean {
  const [typed = ''] = arg.split('=');
  return typed === `--${name}` || typed === `--no-${name}` || (/^-[^-]/.test(typed) && typed.includes(name));
}

function unknownOption(typed: string, context: RequestContext): string {
  const known = context.options.filter((name) => name.length > 1).map((name) => flagOf(name));
  return `${titleOf(context)} has no option "${typed}".${didYouMean(typed, [...new Set(known)])}`;
}

function unknownWord(word: string, context: RequestContext): string {
  if (context.commands.length === 0) return `${titleOf(context)} was given "${word}", which is an argument too many.`;
  const list = `It has ${context.commands.join(', ')}.`;
  return `${titleOf(context)} has no command "${word}".${didYouMean(word, context.commands) || ` ${list}`}`;
}

function notAChoice(name: string, given: string, choices: string): string {
  const allowed = choices.replaceAll('"', '');
  return `--${name} must be one of ${allowed}, but is "${given}".${didYouMean(given, allowed.split(', '))}`;
}
