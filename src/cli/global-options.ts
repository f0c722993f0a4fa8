/** Options that every command takes. */

import { statSync } from 'node:fs';
import type { Argv } from 'yargs';
import type { EngineName } from '../compile/engine.ts';
import { oneOf, requireOnce } from './one-of.ts';
import { UsageError } from './usage-error.ts';

/** As `engineNames` of the compiler, whose import would load TensorFlow.js; a test compares them. */
export const engineChoices = ['onnx', 'tensorflow', 'cpu'] as const satisfies readonly EngineName[];

export interface GlobalOptions {
  readonly engine: EngineName;
  /** Of one run. */
  readonly threads: number;
  /** ONNX Runtime's execution provider. */
  readonly device: string;
  readonly dataDir: string | undefined;
  /** No progress. */
  readonly quiet: boolean;
  /** Stack traces. */
  readonly verbose: boolean;
}

/** Values are checked while parsing, so that nothing starts on a wrong request. */
export function withGlobalOptions(yargs: Argv): Argv {
  return yargs
    .option('engine', {
      choices: engineChoices,
      default: 'onnx' as EngineName,
      requiresArg: true,
      describe: 'what computes',
      coerce: (value: unknown) => oneOf('--engine', value, engineChoices),
    })
    .option('threads', {
      default: 1,
      requiresArg: true,
      describe: 'threads of one run',
      coerce: (value: unknown) => wholeNumber('--threads', value),
    })
    .option('device', {
      type: 'string',
      default: 'cpu',
      requiresArg: true,
      describe: 'where engine onnx computes: cpu, or another execution provider of ONNX Runtime (cuda, webgpu, …)',
      coerce: (value: unknown) => {
        requireOnce('--device', value);
        return String(value);
      },
    })
    .option('data-dir', {
      type: 'string',
      requiresArg: true,
      describe: 'folder of your own data files',
      coerce: (value: unknown) => folder('--data-dir', value),
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'no progress' })
    .option('verbose', { type: 'boolean', default: false, describe: 'stack traces of errors' })
    .group(['engine', 'threads', 'device', 'data-dir', 'quiet', 'verbose', 'help', 'version'], 'Global options:');
}

/** A whole number from `least` on. */
export function wholeNumber(what: string, value: unknown, least = 1): number {
  requireOnce(what, value);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${what} must be a whole number from ${least} on, but is ${JSON.stringify(value)}.`);
}

/** A folder that exists; undefined where the option was left out. */
function folder(what: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  requireOnce(what, value);
  const path = String(value);
  if (path !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new UsageError(`${what} must be a folder, but there is none at "${path}".`);
}
