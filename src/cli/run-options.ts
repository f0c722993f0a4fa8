/** The options of `cutlayer run`. */

import { join } from 'node:path';
import type { Argv } from 'yargs';
import { mostValues } from '../lab/config/expression.ts';
import type { SweepLimits } from '../lab/sweep.ts';
import { type GlobalOptions, wholeNumber } from './global-options.ts';
import { secondsOf } from './seconds.ts';
import { UsageError } from './usage-error.ts';

export interface RunArguments extends GlobalOptions {
  readonly file: string | undefined;
  readonly set: readonly string[];
  readonly seeds: readonly number[] | undefined;
  readonly jobs: number | undefined;
  readonly out: string;
  readonly cache: string | undefined;
  readonly recordMessages: readonly number[] | undefined;
  readonly dryRun: boolean;
  readonly fresh: boolean;
  readonly noise: 'seeded' | 'secure';
  readonly json: boolean;
  readonly progress: 'auto' | 'json';
  readonly retryFailed: boolean;
  readonly failFast: boolean;
  readonly maxFailures: number | undefined;
  readonly maxRuns: number | undefined;
  readonly timeBudget: number | undefined;
  readonly timeoutPerRun: number | undefined;
}

/** Where results go unless `--out` says otherwise. */
export const defaultOut = join('results', 'runs');

export function withRunOptions(yargs: Argv): Argv {
  return withLimits(
    yargs
      .positional('file', { type: 'string', describe: 'experiment file, as in experiments/' })
      .option('set', { type: 'string', array: true, default: [], describe: 'PATH=VALUE: replaces a value of the file' })
      .option('seeds', {
        type: 'string',
        requiresArg: true,
        describe: '1,2,3 or 1:3: in place of the file’s',
        coerce: seedsOf,
      })
      .option('jobs', {
        requiresArg: true,
        describe: 'runs at a time; default: one for each processor',
        coerce: countOf('--jobs'),
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        default: defaultOut,
        describe: 'results go to DIR/<name>/',
      })
      .option('cache', {
        type: 'string',
        requiresArg: true,
        describe:
          'trained victims and recorded views are kept in DIR for other runs; "none": nowhere; default: OUT/.phases',
      })
      .option('record-messages', {
        type: 'string',
        requiresArg: true,
        describe: '1,3: keep all that parties sent each other in these rounds (docs/cache.md)',
        coerce: roundsOf,
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'check and list the runs, run and write nothing',
      })
      .option('fresh', { type: 'boolean', default: false, describe: 'run again what is finished already' })
      .option('noise', {
        choices: ['seeded', 'secure'] as const,
        default: 'seeded' as const,
        requiresArg: true,
        describe: 'where privacy noise comes from: the seed, or the operating system',
      })
      .option('progress', {
        choices: ['auto', 'json'] as const,
        default: 'auto' as const,
        requiresArg: true,
        describe: 'json: one JSON document a line on stderr, for tools',
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
  );
}

function withLimits(yargs: Argv): Argv {
  return yargs
    .option('retry-failed', { type: 'boolean', default: false, describe: 'run again what failed before' })
    .option('fail-fast', { type: 'boolean', default: false, describe: 'begin no further run once one has failed' })
    .option('max-failures', {
      requiresArg: true,
      describe: 'begin no further run once this many have failed',
      coerce: countOf('--max-failures'),
    })
    .option('max-runs', { requiresArg: true, describe: 'begin at most this many runs', coerce: countOf('--max-runs') })
    .option('time-budget', {
      type: 'string',
      requiresArg: true,
      describe: 'begin no further run after this long: 90s, 30m, 2h',
      coerce: secondsOf('--time-budget'),
    })
    .option('timeout-per-run', {
      type: 'string',
      requiresArg: true,
      describe: 'a run that takes longer has failed: 90s, 30m, 2h',
      coerce: secondsOf('--timeout-per-run'),
    })
    .group(
      ['retry-failed', 'fail-fast', 'max-failures', 'max-runs', 'time-budget', 'timeout-per-run'],
      'When to stop:',
    );
}

export function limitsOf(args: RunArguments): SweepLimits {
  return {
    retryFailed: args.retryFailed,
    maxFailures: args.failFast ? 1 : args.maxFailures,
    maxRuns: args.maxRuns,
    budgetSeconds: args.timeBudget,
    runSeconds: args.timeoutPerRun,
  };
}

/** Undefined where phases are not to be kept. */
export function cacheFolder({ cache, out }: Pick<RunArguments, 'cache' | 'out'>): string | undefined {
  return cache === 'none' ? undefined : (cache ?? join(out, '.phases'));
}

function countOf(option: string): (value: unknown) => number | undefined {
  return (value) => (value === undefined ? undefined : wholeNumber(option, value));
}

function roundsOf(value: unknown): number[] | undefined {
  if (value === undefined) return undefined;
  const rounds = String(value).split(',').map(Number);
  const areRounds = /^\s*\d+\s*(,\s*\d+\s*)*$/.test(String(value)) && rounds.every((round) => round >= 1);
  if (areRounds && new Set(rounds).size === rounds.length) return rounds.sort((a, b) => a - b);
  throw new UsageError(`--record-messages must be rounds from 1 on, each once, as in 1,3, but is "${String(value)}".`);
}

function seedsOf(value: unknown): number[] | undefined {
  if (value === undefined) return undefined;
  const texts = String(value).split(',');
  if (texts.every((text) => /^-?\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text))))
    return texts.map(Number);
  const [, from, to] = /^(-?\d+):(-?\d+)$/.exec(String(value)) ?? [];
  if (from !== undefined) return seedsBetween(Number(from), Number(to));
  throw new UsageError(`--seeds must be whole numbers, as in 1,2,3 or 1:3, but is "${String(value)}".`);
}

/** Both included. */
function seedsBetween(from: number, to: number): number[] {
  const count = to - from + 1;
  if (count >= 1 && count <= mostValues) return Array.from({ length: count }, (_, index) => from + index);
  throw new UsageError(`--seeds ${from}:${to} must be from 1 to ${mostValues} seeds, but is ${Math.max(0, count)}.`);
}
